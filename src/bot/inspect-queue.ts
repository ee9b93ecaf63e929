/** What waits to be judged: a binary heap, the earliest in event order first. */
import { inOrder } from '../checks/observation.ts';
import type { Held } from './inspect-held.ts';

/** A binary heap: the earliest in event order first. */
export function push(heap: Held[], held: Held): void {
  heap.push(held);
  let child = heap.length - 1;
  while (child > 0) {
    const parent = (child - 1) >> 1;
    if (inOrder(heap[parent]!, heap[child]!) <= 0) return;
    [heap[parent], heap[child]] = [heap[child]!, heap[parent]!];
    child = parent;
  }
}

export function dequeue(heap: Held[]): Held | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  heap[0] = last;
  let parent = 0;
  for (;;) {
    let least = parent;
    for (const child of [2 * parent + 1, 2 * parent + 2]) if (child < heap.length && inOrder(heap[child]!, heap[least]!) < 0) least = child;
    if (least === parent) return first;
    [heap[parent], heap[least]] = [heap[least]!, heap[parent]!];
    parent = least;
  }
}
