/** A peer wakes somebody. */
export type Alarm = { atMs: number; because: string };
