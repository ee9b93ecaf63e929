/** Showing things in a terminal: a table, and progress that vanishes (and stays away where output is not a terminal). */

/** Columns as wide as their widest cell; the last one is cut to the terminal. Control characters of untrusted text are taken out. */
export function asTable(head: string[], rows: string[][], width = process.stdout.columns ?? 160): string {
  const clean = rows.map((row) => row.map(printable));
  const widths = head.map((title, column) => Math.max(title.length, ...clean.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) => {
    const text = row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ');
    return text.length > width ? `${text.slice(0, width - 1)}…` : text;
  };
  return `${[head, ...clean].map(line).join('\n')}\n`;
}

export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, ' ');

/** One line on standard error, drawn at most ten times a second. */
export function progress(): { show(text: string): void; clear(): void } {
  if (!process.stderr.isTTY) return { show: () => undefined, clear: () => undefined };
  let last = 0;
  return {
    show(text) {
      if (Date.now() - last < 100) return;
      last = Date.now();
      process.stderr.write(`\r\x1b[2K${text}`);
    },
    clear() {
      if (last > 0) process.stderr.write('\r\x1b[2K');
      last = 0;
    },
  };
}
