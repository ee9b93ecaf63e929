/**
 * What people read about a story. Pure: a view goes in, a message comes out; the clock is `view.now`. Strings from outside (names,
 * titles) are put in as they are: each platform escapes and cuts them where it renders them. One file for each thing, in present/.
 */
export { card } from './present/card.ts';
export { details } from './present/details.ts';
export { gapWords } from './present/gaps.ts';
export { storyHeadline } from './present/headline.ts';
export { asLine } from './present/line.ts';
export { looksInWords } from './present/looks.ts';
export { burn } from './present/money.ts';
export { question } from './present/question.ts';
export { refusal } from './present/refusal.ts';
export { result } from './present/result.ts';
export type { View } from './present/view.ts';
