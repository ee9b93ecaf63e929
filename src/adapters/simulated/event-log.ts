/** A CloudTrail record as it will be read, beside what the log must know to find it again. */
export type LoggedEvent = {
  ms: number;
  /** It can be looked up from then on. */
  visibleMs: number;
  turn: number;
  region: string;
  readOnly: boolean;
  accessKeyId?: string;
  username?: string;
  resources: { ResourceType: string; ResourceName: string }[];
  record: Record<string, unknown> & { eventID: string; eventName: string; eventSource: string };
};
export interface EventLog {
  add(event: Omit<LoggedEvent, 'turn'>): void;
  /** Newest first. `before` continues behind an event already given. */
  read(region: string, before?: { ms: number; turn: number }): Iterable<LoggedEvent>;
  /** Everything written down after that turn, in the order in which it was. */
  after(turn: number): LoggedEvent[];
  count(): number;
}

/** Reads beyond this number per region are forgotten, oldest first: a bot that looks for days must not fill the memory. */
const mostPerRegion = 50_000;

export function createEventLog(): EventLog {
  const byRegion = new Map<string, LoggedEvent[]>();
  let turns = 0;
  return {
    add(event) {
      const events = byRegion.get(event.region) ?? [];
      byRegion.set(event.region, events);
      const placed = { ...event, turn: turns++ };
      // Nearly always the newest; a scenario's step may lie a moment back.
      let place = events.length;
      while (place > 0 && events[place - 1]!.ms > placed.ms) place--;
      events.splice(place, 0, placed);
      if (events.length > mostPerRegion) {
        const kept = events.filter((each, at) => !each.readOnly || at > mostPerRegion / 2);
        byRegion.set(event.region, kept.slice(-mostPerRegion));
      }
    },
    *read(region, before) {
      const events = byRegion.get(region) ?? [];
      for (let at = events.length - 1; at >= 0; at--) {
        const event = events[at]!;
        if (!before || event.ms < before.ms || (event.ms === before.ms && event.turn < before.turn)) yield event;
      }
    },
    after: (turn) =>
      [...byRegion.values()]
        .flat()
        .filter((event) => event.turn > turn)
        .sort((a, b) => a.turn - b.turn),
    count: () => [...byRegion.values()].reduce((sum, events) => sum + events.length, 0),
  };
}
