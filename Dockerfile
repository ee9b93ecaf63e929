FROM node:26-slim
WORKDIR /app
ENV NODE_ENV=production NODE_COMPILE_CACHE=/tmp/compile
COPY package.json package-lock.json .npmrc ./
# The image has a Node of its own; the ones npm brings along for older systems are not needed.
RUN npm ci --omit=dev && rm -rf node_modules/node-linux-* node_modules/node-bin-* node_modules/node-darwin-* node_modules/node-win-*
COPY bin ./bin
COPY config ./config
COPY src ./src
COPY LICENSE NOTICE ./
RUN mkdir data && chown node:node data
USER node
VOLUME /app/data
EXPOSE 7373 7374
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:7374/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--disable-warning=ExperimentalWarning", "--max-semi-space-size=2", "src/main.ts"]
