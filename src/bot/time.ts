/** Reckoning with times. Every time is UTC. */
import type { Time } from '../checks/observation.ts';

export const addSeconds = (time: Time, seconds: number): Time => new Date(Date.parse(time) + seconds * 1000).toISOString();
export const addMinutes = (time: Time, minutes: number): Time => addSeconds(time, minutes * 60);
export const later = (a: Time, b: Time): Time => (a > b ? a : b);
