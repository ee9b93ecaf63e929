/** Cuts long or damaged text into pieces of JSON, one record each where it can, without holding more than one of them. */

export type Part = { text: string; line: number; fault?: 'long' | 'cut' | 'junk' };
export type Splitter = { feed(text: string): Iterable<Part>; end(): Iterable<Part> };

const mostLength = 64 * 1024 * 1024;

/** One JSON document a line? Some of the first lines must be whole documents by themselves. */
export function looksLikeLines(text: string): boolean {
  let from = 0;
  for (let tried = 0; tried < 5; ) {
    const end = text.indexOf('\n', from);
    if (end < 0 && from === 0) return false;
    const line = text.slice(from, end < 0 ? undefined : end).trim();
    if (line !== '' && line !== '﻿') {
      tried += 1;
      if (line.startsWith('{') && line.endsWith('}') && isJson(line)) return true;
    }
    if (end < 0) return false;
    from = end + 1;
  }
  return false;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export function byLines(): Splitter {
  let rest = '';
  let line = 1;
  let skipping = false;

  function* feed(text: string): Generator<Part> {
    let from = 0;
    for (;;) {
      const end = text.indexOf('\n', from);
      if (end < 0) break;
      const whole = from === 0 && rest !== '' ? rest + text.slice(0, end) : text.slice(from, end);
      if (from === 0) rest = '';
      if (skipping) {
        skipping = false;
      } else {
        const trimmed = clean(whole);
        if (trimmed !== '') yield { text: trimmed, line };
      }
      line += 1;
      from = end + 1;
    }
    if (skipping) return;
    rest = from === 0 ? rest + text : text.slice(from);
    if (rest.length > mostLength) {
      yield { text: '', line, fault: 'long' };
      rest = '';
      skipping = true;
    }
  }

  return {
    feed,
    *end() {
      const last = clean(rest);
      rest = '';
      if (last === '' || skipping) return;
      // A last line without its end is only cut off when it is not whole.
      yield isJson(last) ? { text: last, line } : { text: '', line, fault: 'cut' };
    },
  };
}

const clean = (line: string): string => line.replace(/^﻿/, '').trim();

/**
 * Follows braces: yields each record of a list of records, or each document of several written one after the other. What is between
 * them (brackets, commas, the names of lists) is passed over.
 */
export function byBraces(): Splitter {
  let piece = '';
  let depth = 0;
  let inText = false;
  let escaped = false;
  let line = 1;
  let began = 1;
  let outside = '';
  let toldJunk = false;
  let skipping = false;

  function* feed(text: string): Generator<Part> {
    let from = depth > 0 ? 0 : -1;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code === 10) line += 1;
      if (depth === 0) {
        if (code === 123) {
          if (!toldJunk && /[^\s,[\]{}:"\w.\-﻿]/.test(outside)) {
            toldJunk = true;
            yield { text: '', line, fault: 'junk' };
          }
          outside = '';
          depth = 1;
          from = index;
          began = line;
        } else if (outside.length < 200) outside += text[index];
        continue;
      }
      if (inText) {
        if (escaped) escaped = false;
        else if (code === 92) escaped = true;
        else if (code === 34) inText = false;
        continue;
      }
      if (code === 34) inText = true;
      else if (code === 123) depth += 1;
      else if (code === 91 && depth === 1) {
        // `{ "Records": [`: the records inside are what is wanted, not the whole.
        const opening = piece + text.slice(from, index);
        if (/^\{[^{[]*"(?:Records|Events|logEvents|events)"\s*:\s*$/.test(opening)) {
          piece = '';
          depth = 0;
          from = -1;
          skipping = false;
        }
      } else if (code === 125) {
        depth -= 1;
        if (depth === 0) {
          const whole = piece + text.slice(from, index + 1);
          piece = '';
          from = -1;
          if (!skipping) yield { text: whole, line: began };
          skipping = false;
        }
      }
    }
    if (depth === 0) return;
    if (!skipping) piece += text.slice(Math.max(0, from));
    if (piece.length > mostLength) {
      yield { text: '', line: began, fault: 'long' };
      piece = '';
      skipping = true;
    }
  }

  return {
    feed,
    *end() {
      if (depth > 0 && !skipping) yield { text: '', line: began, fault: 'cut' };
      else if (outside !== '' && !toldJunk && /[^\s,[\]{}:"\w.-]/.test(outside.replace(/﻿/g, ''))) yield { text: '', line, fault: 'junk' };
      else if (depth === 0 && began === 1 && /\w/.test(outside) && !/"/.test(outside)) yield { text: '', line, fault: 'junk' };
      piece = '';
      depth = 0;
    },
  };
}
