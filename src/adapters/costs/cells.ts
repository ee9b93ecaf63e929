/** The cells of a row: what stands in them, and how they are shown. */

/** Nothing where it is empty, or says NULL. */
export function cell(cells: readonly string[], at: number): string | undefined {
  const value = cells[at]?.trim();
  return value === undefined || value === '' || (value.length === 4 && /^null$/i.test(value)) ? undefined : value;
}

/** The first of several that is not empty. */
export function firstCell(cells: readonly string[], places: readonly number[]): string | undefined {
  for (const at of places) {
    const value = cell(cells, at);
    if (value !== undefined) return value;
  }
  return undefined;
}

export const shown = (text: string | undefined): string => (text === undefined ? 'empty' : `“${text.slice(0, 60)}”`);

/** A copy of its own: a cell is part of the text of a whole chunk, and would keep all of that in memory with it. */
export const ownText = (text: string): string => ` ${text}`.slice(1);
