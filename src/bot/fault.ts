/** Fault ports: every await between an approval and its end has a name, so that a test can let the process die there. */

/** Called with the name of the place that is being passed. */
export type Fault = (point: string) => void;

/** Thrown by a fault port: the process is to be thought dead from here on. */
export class Killed extends Error {}
