import { lex, type Piece, type Token } from './lexer.js';
import { TemplateError } from './template-error.js';

/** Something that has a value by itself. `path` are the fields taken from it. */
export type Operand = { readonly line: number; readonly path: readonly string[] } & (
  | { readonly type: 'dot' }
  | { readonly type: 'variable'; readonly name: string }
  | { readonly type: 'literal'; readonly value: unknown }
  | { readonly type: 'function'; readonly name: string }
  | { readonly type: 'pipeline'; readonly pipeline: Pipeline }
);

/** Operands separated by spaces: a value, or a function and its arguments. */
export type Command = readonly [Operand, ...Operand[]];

/** Commands joined by `|`, each one's value being the last argument of the next. */
export interface Pipeline {
  /** Variables that take the value. */
  readonly variables: readonly string[];
  /** Whether they are declared (`:=`) or exist (`=`). */
  readonly declares: boolean;
  readonly commands: readonly [Command, ...Command[]];
  readonly line: number;
}

export type Node = { readonly line: number } & (
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'action'; readonly pipeline: Pipeline }
  | {
      readonly type: 'if' | 'with' | 'range';
      readonly pipeline: Pipeline;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | { readonly type: 'template'; readonly name: string; readonly pipeline: Pipeline | undefined }
  | { readonly type: 'break' | 'continue' }
);

/** What a template text holds: its own nodes, and the templates it defines by name. */
export interface ParsedTemplate {
  readonly nodes: readonly Node[];
  readonly definitions: ReadonlyMap<string, readonly Node[]>;
  /** The functions that it calls. */
  readonly calls: readonly FunctionCall[];
}

/** A call of a function. */
export interface FunctionCall {
  readonly name: string;
  readonly line: number;
}

/** The words that may end a list of nodes. */
type Ending = { readonly keyword: 'end' | 'else'; readonly tokens: TokenReader; readonly line: number } | undefined;

/** Reads a template; throws {@link TemplateError} for the first thing that is wrong with it. */
export function parseTemplate(source: string): ParsedTemplate {
  return new Parser(lex(source)).parse();
}

class TokenReader {
  private position = 0;

  constructor(
    private readonly tokens: readonly Token[],
    readonly line: number,
  ) {}

  peek(offset = 0): Token | undefined {
    return this.tokens[this.position + offset];
  }

  next(): Token | undefined {
    const token = this.tokens[this.position];
    this.position += 1;
    return token;
  }

  /** Takes the next token if it is this punctuation mark. */
  take(value: string): boolean {
    const token = this.peek();
    if (token?.type !== 'punctuation' || token.value !== value) return false;
    this.position += 1;
    return true;
  }

  expectEnd(where: string): void {
    const token = this.peek();
    if (token !== undefined) throw new TemplateError(`unexpected "${token.value}" in ${where}`, token.line);
  }
}

class Parser {
  private readonly definitions = new Map<string, readonly Node[]>();
  private position = 0;
  /** Names of the variables in scope, for telling a mistyped one before anything runs. */
  private variables: string[] = [''];
  private loops = 0;

  private readonly calls: FunctionCall[] = [];

  constructor(private readonly pieces: readonly Piece[]) {}

  parse(): ParsedTemplate {
    const [nodes, ending] = this.nodes(true);
    if (ending !== undefined) throw new TemplateError(`unexpected {{${ending.keyword}}}`, ending.line);
    return { nodes, definitions: this.definitions, calls: this.calls };
  }

  private nodes(top = false): [Node[], Ending] {
    const nodes: Node[] = [];
    for (;;) {
      const piece = this.pieces[this.position];
      if (piece === undefined) return [nodes, undefined];
      this.position += 1;
      if (piece.type === 'text') {
        nodes.push(piece);
        continue;
      }
      const tokens = new TokenReader(piece.tokens, piece.line);
      const first = tokens.peek();
      const keyword = first?.type === 'identifier' ? first.value : '';
      switch (keyword) {
        case 'end':
        case 'else':
          tokens.next();
          return [nodes, { keyword, tokens, line: piece.line }];
        case 'if':
        case 'with':
        case 'range':
          tokens.next();
          nodes.push(this.control(keyword, tokens, piece.line));
          break;
        case 'break':
        case 'continue':
          tokens.next();
          tokens.expectEnd(`{{${keyword}}}`);
          if (this.loops === 0) throw new TemplateError(`{{${keyword}}} outside of {{range}}`, piece.line);
          nodes.push({ type: keyword, line: piece.line });
          break;
        case 'define':
          if (!top) throw new TemplateError('{{define}} stands only at the top of a template', piece.line);
          tokens.next();
          this.define(this.templateName(tokens, keyword), tokens, piece.line);
          break;
        case 'block':
        case 'template': {
          tokens.next();
          const name = this.templateName(tokens, keyword);
          const pipeline = tokens.peek() === undefined ? undefined : this.pipeline(tokens, keyword, piece.line);
          if (keyword === 'block') {
            if (pipeline === undefined) throw new TemplateError('{{block}} needs a value', piece.line);
            this.define(name, tokens, piece.line);
          }
          nodes.push({ type: 'template', name, pipeline, line: piece.line });
          break;
        }
        default:
          nodes.push({
            type: 'action',
            pipeline: this.pipeline(tokens, 'an action', piece.line),
            line: piece.line,
          });
      }
    }
  }

  private templateName(tokens: TokenReader, keyword: string): string {
    const name = tokens.next();
    if (name?.type !== 'string') throw new TemplateError(`{{${keyword}}} needs a name in quotes`, tokens.line);
    return name.value;
  }

  private define(name: string, tokens: TokenReader, line: number): void {
    tokens.expectEnd('{{define}}');
    const { variables, loops } = this;
    this.variables = [''];
    this.loops = 0;
    const [nodes, ending] = this.nodes();
    if (ending?.keyword !== 'end') throw new TemplateError(`the template "${name}" has no {{end}}`, line);
    ending.tokens.expectEnd('{{end}}');
    this.variables = variables;
    this.loops = loops;
    const isEmpty = (list: readonly Node[]): boolean =>
      list.every((node) => node.type === 'text' && node.text.trim() === '');
    const before = this.definitions.get(name);
    // As in Go, an empty definition does not replace another one.
    if (before !== undefined && !isEmpty(before)) {
      if (isEmpty(nodes)) return;
      throw new TemplateError(`the template "${name}" is defined twice`, line);
    }
    this.definitions.set(name, nodes);
  }

  private control(type: 'if' | 'with' | 'range', tokens: TokenReader, line: number): Node {
    const scope = this.variables.length;
    const pipeline = this.pipeline(tokens, `{{${type}}}`, line, type === 'range' ? 2 : 1);
    if (type === 'range') this.loops += 1;
    const [body, ending] = this.nodes();
    if (type === 'range') this.loops -= 1;
    let otherwise: Node[] = [];
    if (ending === undefined) throw new TemplateError(`{{${type}}} has no {{end}}`, line);
    if (ending.keyword === 'else') {
      const next = ending.tokens.next();
      if (next?.type === 'identifier' && next.value === type && type !== 'range') {
        // {{else if}} shares the {{end}} of its {{if}}.
        otherwise = [this.control(type, ending.tokens, ending.line)];
      } else {
        if (next !== undefined) throw new TemplateError(`unexpected "${next.value}" in {{else}}`, ending.line);
        const [nodes, end] = this.nodes();
        if (end?.keyword !== 'end') throw new TemplateError(`{{${type}}} has no {{end}}`, line);
        end.tokens.expectEnd('{{end}}');
        otherwise = nodes;
      }
    } else {
      ending.tokens.expectEnd('{{end}}');
    }
    this.variables.length = scope;
    return { type, pipeline, body, otherwise, line };
  }

  private pipeline(tokens: TokenReader, where: string, line: number, most = 1, closing = false): Pipeline {
    const variables: string[] = [];
    let declares = false;
    if (!closing) {
      // A declaration is recognised by what follows its names: `$x := `, `$i, $x := `, `$x = `.
      let count = 0;
      while (tokens.peek(count)?.type === 'variable') {
        const after = tokens.peek(count + 1);
        if (after?.type !== 'punctuation') break;
        if (after.value === ',') {
          count += 2;
          continue;
        }
        if (after.value === ':=' || after.value === '=') {
          declares = after.value === ':=';
          for (let at = 0; at <= count; at += 2) variables.push(tokens.peek(at)?.value ?? '');
          for (let at = 0; at <= count + 1; at += 1) tokens.next();
        }
        break;
      }
      if (variables.length > most) throw new TemplateError(`too many variables in ${where}`, line);
      for (const name of variables) if (!declares) this.known(name, line);
    }
    const commands: Command[] = [];
    do {
      const operands: Operand[] = [];
      for (;;) {
        const token = tokens.peek();
        if (token === undefined || (token.type === 'punctuation' && token.value !== '(')) break;
        if (operands.length > 0 && !token.spaced && token.value !== '(')
          throw new TemplateError(`unexpected "${token.value}" in ${where}`, token.line);
        operands.push(this.operand(tokens, where));
      }
      const [first, ...rest] = operands;
      if (first === undefined) throw new TemplateError(`a value is missing in ${where}`, line);
      if (commands.length > 0 && first.type === 'literal' && rest.length === 0)
        throw new TemplateError(`a literal cannot take the value of a pipeline in ${where}`, line);
      commands.push([first, ...rest]);
    } while (tokens.take('|'));
    if (closing) {
      if (!tokens.take(')')) throw new TemplateError(`a parenthesis is not closed in ${where}`, line);
    } else {
      tokens.expectEnd(where);
      if (declares) this.variables.push(...variables);
    }
    const [first, ...rest] = commands;
    if (first === undefined) throw new TemplateError(`a value is missing in ${where}`, line);
    return { variables, declares, commands: [first, ...rest], line };
  }

  private operand(tokens: TokenReader, where: string): Operand {
    const token = tokens.next();
    if (token === undefined) throw new TemplateError(`a value is missing in ${where}`, tokens.line);
    const { line } = token;
    const path: string[] = [];
    if (token.type === 'field') path.push(token.value);
    const fields = (): string[] => {
      for (let next = tokens.peek(); next?.type === 'field' && !next.spaced; next = tokens.peek()) {
        path.push(next.value);
        tokens.next();
      }
      return path;
    };
    switch (token.type) {
      case 'field':
      case 'dot':
        return { type: 'dot', path: fields(), line };
      case 'variable':
        this.known(token.value, line);
        return { type: 'variable', name: token.value, path: fields(), line };
      case 'string':
        return { type: 'literal', value: token.value, path: [], line };
      case 'number':
        return { type: 'literal', value: parseNumber(token.value, line), path: [], line };
      case 'identifier':
        if (token.value === 'true' || token.value === 'false')
          return { type: 'literal', value: token.value === 'true', path: [], line };
        if (token.value === 'nil') return { type: 'literal', value: undefined, path: [], line };
        this.calls.push({ name: token.value, line });
        return { type: 'function', name: token.value, path: [], line };
      default:
        if (token.value !== '(') throw new TemplateError(`unexpected "${token.value}" in ${where}`, line);
        return { type: 'pipeline', pipeline: this.pipeline(tokens, where, line, 0, true), path: fields(), line };
    }
  }

  private known(name: string, line: number): void {
    if (!this.variables.includes(name)) throw new TemplateError(`undefined variable $${name}`, line);
  }
}

const MAX_INT64 = 2n ** 63n - 1n;

/** An integer beyond what a number holds exactly is a bigint. */
function parseNumber(text: string, line: number): number | bigint {
  const digits = text.replaceAll('_', '');
  const [, sign = '', size = ''] = /^([+-]?)(.*)$/.exec(digits) ?? [];
  if (!/^(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|\d+)$/.test(size)) return parseFraction(text, sign, size, line);
  // A leading zero means octal, as in Go.
  const octal = /^0\d/.test(size);
  if (octal && !/^[0-7]+$/.test(size)) throw new TemplateError(`${text} is not a number`, line);
  const value = BigInt(octal ? `0o${size.slice(1)}` : size.toLowerCase()) * (sign === '-' ? -1n : 1n);
  if (value > MAX_INT64 || value < -MAX_INT64 - 1n) throw new TemplateError(`${text} does not fit into 64 bits`, line);
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function parseFraction(text: string, sign: string, size: string, line: number): number {
  const value = Number(size) * (sign === '-' ? -1 : 1);
  if (Number.isNaN(value)) throw new TemplateError(`${text} is not a number`, line);
  // Go tells such a number from an integer, and prints it otherwise from a million on.
  if (Number.isInteger(value) && Math.abs(value) >= 1e6)
    throw new TemplateError(`${text} must be written as an integer`, line);
  return value;
}
