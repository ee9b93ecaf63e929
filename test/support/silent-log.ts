import type { Log } from '../../src/bot/ports.ts';

/** A log nobody reads. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
