import { isSurrogate } from './surrogate.js';
import { TemplateError } from './template-error.js';

/** A piece of what stands between `{{` and `}}`. */
export interface Token {
  readonly type: 'field' | 'dot' | 'variable' | 'identifier' | 'number' | 'string' | 'punctuation';
  /** A field's or variable's name without `.` or `$`, a string's value, or the text itself. */
  readonly value: string;
  /** Whether white space came before it: `.a.b` is one operand, `.a .b` are two. */
  readonly spaced: boolean;
  readonly line: number;
}

/** A stretch of plain text, or the tokens of one action. */
export type Piece =
  | { readonly type: 'text'; readonly text: string; readonly line: number }
  | { readonly type: 'action'; readonly tokens: readonly Token[]; readonly line: number };

const SPACE = /[ \t\r\n]/;
const TOKENS: readonly [Token['type'], RegExp][] = [
  ['field', /\.([\p{L}_][\p{L}\p{Nd}_]*)/uy],
  ['number', /[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/y],
  ['dot', /\./y],
  ['variable', /\$([\p{L}\p{Nd}_]*)/uy],
  ['identifier', /([\p{L}_][\p{L}\p{Nd}_]*)/uy],
  ['punctuation', /:=|[=|(),]/y],
];
const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** Cuts a template into text and actions; trim markers (`{{-`, `-}}`) and comments are dealt with here. */
export function lex(source: string): Piece[] {
  const pieces: Piece[] = [];
  let position = 0;
  let line = 1;
  let trimNext = false;

  const advance = (to: number): void => {
    for (let at = position; at < to; at += 1) if (source[at] === '\n') line += 1;
    position = to;
  };

  for (;;) {
    const open = source.indexOf('{{', position);
    const trimHere = open >= 0 && source[open + 2] === '-' && SPACE.test(source[open + 3] ?? '');
    let text = open < 0 ? source.slice(position) : source.slice(position, open);
    if (trimNext) text = text.replace(/^[ \t\r\n]+/, '');
    if (trimHere) text = text.replace(/[ \t\r\n]+$/, '');
    if (text !== '') pieces.push({ type: 'text', text, line });
    if (open < 0) return pieces;

    advance(open + (trimHere ? 3 : 2));
    const start = line;
    const comment = /[ \t\r\n]*\/\*/y;
    comment.lastIndex = position;
    // Without a trim marker Go wants a comment right after the braces.
    if (comment.test(source) && (trimHere || source.startsWith('/*', position))) {
      const end = source.indexOf('*/', position);
      const close = /\*\/([ \t\r\n]+-)?\}\}/y;
      close.lastIndex = end;
      const match = end < 0 ? null : close.exec(source);
      if (match === null) throw new TemplateError('a comment does not end with */}}', start);
      trimNext = match[1] !== undefined;
      advance(close.lastIndex);
      continue;
    }
    const tokens: Token[] = [];
    for (;;) {
      const space = /[ \t\r\n]*/y;
      space.lastIndex = position;
      const skipped = space.exec(source)?.[0].length ?? 0;
      const spaced = skipped > 0;
      advance(position + skipped);
      if (position >= source.length) throw new TemplateError('an action is not closed with }}', start);
      if (spaced && source.startsWith('-}}', position)) {
        trimNext = true;
        advance(position + 3);
        break;
      }
      if (source.startsWith('}}', position)) {
        trimNext = false;
        advance(position + 2);
        break;
      }
      const [token, end] = readToken(source, position, line, spaced);
      tokens.push(token);
      advance(end);
    }
    pieces.push({ type: 'action', tokens, line: start });
  }
}

/** The token at `position` and where it ends. */
function readToken(source: string, position: number, line: number, spaced: boolean): [Token, number] {
  const character = source[position];
  if (character === '"' || character === "'") return readQuoted(source, position, line, spaced);
  if (character === '`') {
    const end = source.indexOf('`', position + 1);
    if (end < 0) throw new TemplateError('a raw string is not closed with `', line);
    return [{ type: 'string', value: source.slice(position + 1, end).replaceAll('\r', ''), spaced, line }, end + 1];
  }
  for (const [type, pattern] of TOKENS) {
    pattern.lastIndex = position;
    const match = pattern.exec(source);
    if (match === null) continue;
    return [{ type, value: match[1] ?? match[0], spaced, line }, pattern.lastIndex];
  }
  throw new TemplateError(`unexpected ${JSON.stringify(character)} in an action`, line);
}

/** A `"string"`, or a `'c'`haracter, which stands for its code point. */
function readQuoted(source: string, position: number, line: number, spaced: boolean): [Token, number] {
  const quote = source[position];
  let value = '';
  let at = position + 1;
  for (;;) {
    const character = source[at];
    if (character === undefined || character === '\n')
      throw new TemplateError(`a string is not closed with ${quote}`, line);
    if (character === quote) break;
    if (character !== '\\') {
      value += character;
      at += 1;
      continue;
    }
    const pattern = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([abfnrtv\\'"]))/y;
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match === null) throw new TemplateError(`unknown escape ${source.slice(at, at + 2)} in a string`, line);
    const [, x, u, U, octal, simple] = match;
    if (simple !== undefined) value += SIMPLE_ESCAPES[simple] ?? '';
    else value += escapedCharacter(match[0], { byte: x, octal, code: u ?? U }, line);
    at = pattern.lastIndex;
  }
  if (quote === '"') return [{ type: 'string', value, spaced, line }, at + 1];
  const [only, ...others] = value;
  if (only === undefined || others.length > 0)
    throw new TemplateError(`'${value}' is not one character: strings are written with " or \``, line);
  return [{ type: 'number', value: String(only.codePointAt(0)), spaced, line }, at + 1];
}

/** Go's strings are bytes: one above 0x7f is a part of a character, for which a string of JavaScript has no place. */
function escapedCharacter(
  written: string,
  { byte, octal, code }: { byte: string | undefined; octal: string | undefined; code: string | undefined },
  line: number,
): string {
  const value = octal === undefined ? parseInt(byte ?? code ?? '', 16) : parseInt(octal, 8);
  if (code === undefined && value > 0x7f)
    throw new TemplateError(`${written} in a string is a byte, not a character: write \\u and four digits`, line);
  if (value > 0x10ffff || isSurrogate(value))
    throw new TemplateError(`${written} in a string is not a character`, line);
  return String.fromCodePoint(value);
}
