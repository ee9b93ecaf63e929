/**
 * What every request must pass before anything is looked at: the page answers only under its own names (or a page of a stranger could
 * reach it through a name that resolves to this machine), writes only for its own pages, and forbids the browser everything it does not need.
 */
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';

/** Names under which the page is reached, with port: `hosts` as in the Host header, `origins` as in Origin. */
export type Names = { hosts: Set<string>; origins: Set<string> };

const mostBodyBytes = 16 * 1024;

export function guardDoor(names: () => Names): MiddlewareHandler[] {
  return [
    async (c, next) => {
      const { hosts, origins } = names();
      const origin = c.req.header('origin');
      const writes = c.req.method !== 'GET' && c.req.method !== 'HEAD';
      const isKnownHost = hosts.has((c.req.header('host') ?? '').toLowerCase());
      const isKnownOrigin = origin === undefined ? !writes : origins.has(origin);
      if (isKnownHost && isKnownOrigin) return next();
      return c.text(`This page answers only under ${[...origins].join(' and ')}.\n`, 403);
    },
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
      xFrameOptions: 'DENY',
      // Not 'no-referrer': browsers then send "Origin: null" with a form, and the door could not tell our own page from a stranger's.
      referrerPolicy: 'same-origin',
      // Whoever serves the page under https decides about the whole host name, not this page.
      strictTransportSecurity: false,
      permissionsPolicy: { camera: [], microphone: [], geolocation: [], usb: [], payment: [] },
    }),
    async (c, next) => {
      await next();
      c.header('Cache-Control', 'no-store');
    },
    bodyLimit({ maxSize: mostBodyBytes, onError: (c) => c.text(`At most ${mostBodyBytes / 1024} kB, please.\n`, 413) }),
  ];
}

/** The names for a page listening there; `publicUrl` is where a proxy or a tunnel serves it. */
export function namesOf(port: number, publicUrl: URL | undefined): Names {
  const local = ['127.0.0.1', 'localhost', '[::1]'].map((host) => (port === 80 ? host : `${host}:${port}`));
  const origins = new Set(local.map((host) => `http://${host}`));
  if (publicUrl) origins.add(publicUrl.origin);
  return { hosts: new Set(publicUrl ? [...local, publicUrl.host] : local), origins };
}

/** Throws, in plain words, when others could reach the page in the clear. Returns the public URL. */
export function checkListen(host: string, publicUrl: string | undefined): URL | undefined {
  const url = publicUrl === undefined ? undefined : URL.parse(publicUrl);
  if (url === null || (url && url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new Error(`The web console's publicUrl "${publicUrl}" is not a web address; write for example https://cloudwarden.example.com.`);
  }
  if (url && url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new Error(
      `The web console's publicUrl "${publicUrl}" must begin with https://, or whoever listens on the way could press its buttons.`,
    );
  }
  if (!isLoopback(host) && url?.protocol !== 'https:') {
    throw new Error(
      `The web console would listen on ${host}, where other machines reach it, without encryption. Listen on 127.0.0.1, or put it behind https and set publicUrl to that https:// address.`,
    );
  }
  return url;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
