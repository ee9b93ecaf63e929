/** What a command answers: a sentence, and what stands below it. Pure. */
import type { Message, Part, Text } from './message.ts';

export function answer(first: Text, ...more: Part[]): Message {
  const plain = [first]
    .flat()
    .map((piece) => (typeof piece === 'string' ? piece : 'code' in piece ? piece.code : 'bold' in piece ? piece.bold : ''))
    .join('');
  return { summary: plain.slice(0, 110), parts: [{ kind: 'text', text: first }, ...more] };
}
