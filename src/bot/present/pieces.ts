/** Small pieces of lines. Pure. */
import type { Subject } from '../../checks/observation.ts';
import type { Piece, Text } from '../message.ts';
import { count, cut, shortName, whole } from '../words.ts';

export function regionWords(regions: string[]): string {
  const names = [...new Set(regions)];
  if (names.length === 1) return names[0] ?? '';
  return names.length > 4 ? count(names.length, 'region') : `${names.length} regions (${names.join(', ')})`;
}

export const codes = (subjects: Subject[], most: number): Piece[] => codesOf(subjects.map(shortName), most);

export const codesOf = (names: string[], most: number): Piece[] => [
  ...names.slice(0, most).flatMap((name, at): Piece[] => (at === 0 ? [{ code: cut(name, 80) }] : [', ', { code: cut(name, 80) }])),
  ...(names.length > most ? [` and ${whole(names.length - most)} more`] : []),
];

export const joined = (pieces: Piece[][], between: string): Piece[] =>
  pieces.flatMap((piece, at) => (at === 0 ? piece : [between, ...piece]));

export const oneLine = (text: string, most: number): string => cut(text.replace(/\s+/g, ' ').trim(), most);

/** The words of a text without its marks, for a notification. */
export function plain(text: Text): string {
  const pieces = Array.isArray(text) ? text : [text];
  return pieces
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      if ('bold' in piece) return piece.bold;
      if ('code' in piece) return piece.code;
      if ('label' in piece) return piece.label;
      return `${piece.time.slice(11, 16)} UTC`;
    })
    .join('');
}

/** The hash's first eight characters: what the chat anchors. */
export const hash = (audit: string): Piece[] => (audit ? [{ code: audit.slice(0, 8) }] : ['(nothing yet)']);
