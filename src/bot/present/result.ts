/** What came of a plan. Pure. */
import type { Message, Part } from '../message.ts';
import { actedHead, isUndo, outcomeLines, planOf, undoable } from './outcome.ts';
import { hash, oneLine, plain } from './pieces.ts';
import { holesParts } from './plan-words.ts';
import { acted, stateLines } from './state.ts';
import type { View } from './view.ts';

/** What was done, by whom, with every exception by name, what is still open, and when it is looked at again. */
export function result(view: View): Message {
  const { incident } = view;
  const lines = acted(incident) ? [actedHead(view), ...outcomeLines(view)] : [['Nothing has been done yet in ', incident.id, '.']];
  const holes = isUndo(incident) ? [] : (planOf(incident)?.holes ?? []);
  const parts: Part[] = [
    ...lines.map((text): Part => ({ kind: 'text', text })),
    ...holesParts('Left open by the plan:', holes),
    ...stateLines(view, 'result').map((text): Part => ({ kind: 'text', text })),
    {
      kind: 'text',
      quiet: true,
      text: [
        undoable(incident).length > 0 ? 'Undo is on the card. ' : 'There is nothing to undo. ',
        'Audit up to ',
        ...hash(view.auditHash),
      ],
    },
  ];
  return { summary: oneLine(`${incident.id}: ${plain(lines[0] ?? '')}`, 110), parts };
}
