import { AwsError } from './fault.ts';

/** A page of a list, and the opaque token of the next one. Lists only grow at their end, so a position is enough. */
export function pageOf<T>(list: readonly T[], size: number, token: string | undefined): { items: T[]; next: string | undefined } {
  const start = token === undefined ? 0 : Number(readToken(token));
  if (!Number.isInteger(start) || start < 0) throw invalidToken();
  const end = start + size;
  return { items: list.slice(start, end), next: end < list.length ? writeToken(String(end)) : undefined };
}

export const writeToken = (content: string): string => Buffer.from(`page:${content}`).toString('base64url');
export function readToken(token: string): string {
  const content = Buffer.from(token, 'base64url').toString();
  if (!content.startsWith('page:')) throw invalidToken();
  return content.slice('page:'.length);
}
const invalidToken = () => new AwsError('InvalidNextToken', 'The token is not valid.');
