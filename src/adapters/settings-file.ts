/** A YAML file of settings whose secrets stand outside it: `${NAME}` is filled in from the environment, or from the file `<NAME>_FILE` names. */
import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument, visit } from 'yaml';

export type Environment = Record<string, string | undefined>;
/** What is wrong, where, and what to write instead. Never holds a value that was filled in. */
export type Mistake = { path: PropertyKey[]; line: number | undefined; text: string };
export type Settings = {
  value: unknown;
  mistakes: Mistake[];
  /** The line of a setting, counted from 1; of the nearest setting around it when it is not written. */
  lineOf(path: readonly PropertyKey[]): number | undefined;
};

/** The file's text, or in plain words why there is none. */
export function readText(file: string): { text: string } | { why: string } {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const why: Record<string, string> = {
      ENOENT: 'there is no such file',
      EISDIR: 'this is a folder',
      EACCES: 'it may not be read by this user',
    };
    return { why: why[code] ?? `it cannot be read (${code})` };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { why: 'it is not UTF-8 text; save it as UTF-8' };
  }
}

/** Variables are filled in after the text was understood, so that no value can change what the file says. Throws nothing. */
export function readSettings(text: string, environment: Environment): Settings {
  const lines = new LineCounter();
  const unread = (mistakes: Mistake[]): Settings => ({ value: undefined, mistakes, lineOf: () => undefined });
  try {
    const document = parseDocument(veiled(text), { lineCounter: lines, merge: true, logLevel: 'error', prettyErrors: false });
    const lineAt = (offset: number | undefined) => (offset === undefined ? undefined : lines.linePos(offset).line);
    const wrong = [...document.errors, ...document.warnings].map(
      ({ code, pos }): Mistake => ({
        path: [],
        line: lineAt(pos[0]),
        text: inWords[code] ?? 'this cannot be understood; check the quotes, brackets and indentation here',
      }),
    );
    visit(document, {
      Alias(_, alias) {
        if (alias.resolve(document)) return;
        wrong.push({
          path: [],
          line: lineAt(alias.range?.[0]),
          text: 'no anchor (&…) of this name stands above; put the text in quotes if it begins with *',
        });
      },
    });
    if (wrong.length > 0) return unread(firstOfEachLine(wrong));
    const lineOf = (path: readonly PropertyKey[]): number | undefined => {
      for (let most = path.length; most > 0; most--) {
        const keys = path.slice(0, most).map((key) => (typeof key === 'string' ? veiled(key) : key));
        const node = document.getIn(keys, true) as { range?: [number, number, number] } | undefined;
        if (node?.range) return lineAt(node.range[0]);
      }
      return undefined;
    };
    const mistakes: Mistake[] = [];
    const say = (path: PropertyKey[], what: string) => mistakes.push({ path, line: lineOf(path), text: what });
    return { value: filled(document.toJS(), environment, [], say), mistakes, lineOf };
  } catch (error) {
    const circle = error instanceof RangeError || error instanceof ReferenceError;
    const why = circle ? 'it is nested too deeply, or an alias (*…) repeats too much' : 'it cannot be understood as YAML';
    return unread([{ path: [], line: undefined, text: why }]);
  }
}

/** The sentences for what goes wrong most; the parser's own may quote the text, which may be a secret. */
const inWords: Record<string, string> = {
  TAB_AS_INDENT: 'indent with spaces, not with tabs',
  DUPLICATE_KEY: 'this setting is written twice; keep one',
  BAD_INDENT: 'the indentation does not fit the lines above; settings of one group begin in the same column',
  BAD_ALIAS: 'an alias (*…) or anchor (&…) is not closed by a space; put the text in quotes',
  BAD_SCALAR_START: 'put this text in quotes: it begins with a character that YAML keeps for itself',
  BAD_DQ_ESCAPE: 'a backslash in double quotes begins an escape; write \\\\ or use single quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a colon too much, or text that needs quotes because it holds ": "',
  MULTILINE_IMPLICIT_KEY: 'a colon is missing after the name of this setting, or the line before is not closed',
  MISSING_CHAR: 'a quote, bracket, comma or colon is missing here',
  MULTIPLE_DOCS: 'only one document may stand in the file; remove the line ---',
  TAG_RESOLVE_FAILED: 'a word that begins with ! means nothing here; put the text in quotes',
  NON_STRING_KEY: 'the name of a setting must be text',
};

function firstOfEachLine(mistakes: Mistake[]): Mistake[] {
  // One missing quote makes a parser stumble many times over.
  const byLine = Map.groupBy(mistakes, (mistake) => mistake.line);
  return [...byLine.values()].flatMap((same) => same.slice(0, 1)).slice(0, 10);
}

// ---- variables --------------------------------------------------------------------------------------------------------------

/**
 * In a YAML flow mapping a brace ends a plain text, so that `{ token: ${NAME} }` would not be understood. Two characters of the private
 * use area stand for the braces until the file is read: the length is the same, and so is every line and column.
 */
const veiled = (text: string): string => text.replace(/\$\{([A-Z][A-Z0-9_]*)\}/g, '$\uE000$1\uE001');
const unveiled = (text: string): string => text.replace(/\$\uE000([A-Z][A-Z0-9_]*)\uE001/g, '${$1}');
const deepest = 20;

function filled(value: unknown, environment: Environment, path: PropertyKey[], say: (path: PropertyKey[], what: string) => void): unknown {
  if (path.length > deepest) throw new RangeError('nested too deeply');
  if (Array.isArray(value)) return value.map((one, index) => filled(one, environment, [...path, index], say));
  if (value && typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [unveiled(key), filled(one, environment, [...path, unveiled(key)], say)]),
    );
  if (typeof value !== 'string') return value;
  if (value.includes('${'))
    say(path, 'write a variable in capital letters with nothing else in the braces, for example ${SLACK_BOT_TOKEN}');
  return value.replace(/\$\uE000([A-Z][A-Z0-9_]*)\uE001/g, (_, name: string) => {
    const found = variable(name, environment);
    if ('value' in found) return found.value;
    say(path, found.why);
    return '';
  });
}

function variable(name: string, environment: Environment): { value: string } | { why: string } {
  const value = environment[name];
  if (value) return { value };
  const file = environment[`${name}_FILE`];
  if (!file)
    return { why: `the variable ${name} is ${value === '' ? 'empty' : 'not set'}; set ${name}, or ${name}_FILE to a file that holds it` };
  const held = readText(file);
  if ('why' in held) return { why: `the file ${name}_FILE names gives nothing: ${held.why}` };
  const text = held.text.trim();
  return text === '' ? { why: `the file ${name}_FILE names is empty` } : { value: text };
}
