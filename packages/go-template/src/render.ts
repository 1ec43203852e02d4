import { describeValue, entriesOf, formatValue } from './format.js';
import { isTrue, type TemplateFunction } from './functions.js';
import type { Command, Node, Operand, ParsedTemplate, Pipeline } from './parser.js';
import { TemplateError } from './template-error.js';

/** Templates that call themselves end here instead of exhausting the stack. */
const DEEPEST = 1000;

/** Executes a template that has been read. @throws TemplateError naming the line */
export function render(
  template: ParsedTemplate,
  functions: Readonly<Record<string, TemplateFunction>>,
  limits: Readonly<{ maxSteps: number; maxOutputLength: number }>,
  data: unknown,
): string {
  const rendering = new Rendering(template, functions, limits);
  rendering.run(template.nodes, data);
  return rendering.output.join('');
}

type Variables = { name: string; value: unknown }[];
type Jump = 'break' | 'continue' | undefined;

class Rendering {
  readonly output: string[] = [];
  private length = 0;
  private steps = 0;
  private depth = 0;

  constructor(
    private readonly template: ParsedTemplate,
    private readonly functions: Readonly<Record<string, TemplateFunction>>,
    private readonly limits: Readonly<{ maxSteps: number; maxOutputLength: number }>,
  ) {}

  private step(line: number): void {
    this.steps += 1;
    if (this.steps > this.limits.maxSteps)
      throw new TemplateError(`it takes more than ${this.limits.maxSteps} steps (maxSteps)`, line);
  }

  private write(text: string, line: number): void {
    this.length += text.length;
    if (this.length > this.limits.maxOutputLength)
      throw new TemplateError(`the output is longer than ${this.limits.maxOutputLength} (maxOutputLength)`, line);
    this.output.push(text);
  }

  run(nodes: readonly Node[], data: unknown): void {
    this.depth += 1;
    this.nodes(nodes, data, [{ name: '', value: data }]);
    this.depth -= 1;
  }

  private nodes(nodes: readonly Node[], dot: unknown, variables: Variables): Jump {
    for (const node of nodes) {
      const jump = this.node(node, dot, variables);
      if (jump !== undefined) return jump;
    }
    return undefined;
  }

  private node(node: Node, dot: unknown, variables: Variables): Jump {
    this.step(node.line);
    switch (node.type) {
      case 'text':
        this.write(node.text, node.line);
        return undefined;
      case 'action': {
        const value = this.pipeline(node.pipeline, dot, variables);
        if (node.pipeline.variables.length > 0) return undefined;
        if (value === undefined || value === null)
          throw new TemplateError(`${describe(node.pipeline)} has no value`, node.line);
        this.write(
          this.guarded(node.line, () => formatValue(value)),
          node.line,
        );
        return undefined;
      }
      case 'if':
      case 'with': {
        const scope = variables.length;
        const value = this.pipeline(node.pipeline, dot, variables);
        const jump = isTrue(value)
          ? this.nodes(node.body, node.type === 'with' ? value : dot, variables)
          : this.nodes(node.otherwise, dot, variables);
        variables.length = scope;
        return jump;
      }
      case 'range':
        return this.range(node, dot, variables);
      case 'template': {
        const nodes = this.template.definitions.get(node.name);
        if (nodes === undefined) throw new TemplateError(`no template "${node.name}"`, node.line);
        if (this.depth >= DEEPEST)
          throw new TemplateError(`the template "${node.name}" calls itself endlessly`, node.line);
        this.run(nodes, node.pipeline === undefined ? undefined : this.pipeline(node.pipeline, dot, variables));
        return undefined;
      }
      default:
        return node.type;
    }
  }

  private range(node: Extract<Node, { type: 'if' | 'with' | 'range' }>, dot: unknown, variables: Variables): Jump {
    const scope = variables.length;
    const { pipeline } = node;
    const value = this.pipeline({ ...pipeline, variables: [] }, dot, variables);
    const items = iterate(value, node.line);
    let empty = true;
    for (const [key, item] of items) {
      this.step(node.line);
      empty = false;
      // One variable is the item, two are key and item.
      const names = pipeline.variables;
      const values = names.length === 2 ? [key, item] : [item];
      for (const [position, name] of names.entries()) this.assign(name, values[position], pipeline.declares, variables);
      const jump = this.nodes(node.body, item, variables);
      variables.length = scope;
      if (jump === 'break') break;
    }
    // A jump in the {{else}} of a loop ends with this loop, too: so it does in Go.
    if (empty) this.nodes(node.otherwise, dot, variables);
    variables.length = scope;
    return undefined;
  }

  private assign(name: string, value: unknown, declares: boolean, variables: Variables): void {
    if (declares) {
      variables.push({ name, value });
      return;
    }
    const variable = variables.findLast((candidate) => candidate.name === name);
    if (variable !== undefined) variable.value = value;
  }

  private pipeline(pipeline: Pipeline, dot: unknown, variables: Variables): unknown {
    let value: unknown;
    for (const [position, command] of pipeline.commands.entries())
      value = this.command(command, position === 0 ? [] : [value], dot, variables);
    for (const name of pipeline.variables) this.assign(name, value, pipeline.declares, variables);
    return value;
  }

  private command(command: Command, piped: readonly unknown[], dot: unknown, variables: Variables): unknown {
    const [first, ...operands] = command;
    const evaluate = (operand: Operand): unknown => this.operand(operand, dot, variables);
    if (first.type === 'function') {
      if (first.name === 'and' || first.name === 'or') {
        // These two look at no more values than they need.
        const stop = first.name === 'or';
        let value: unknown;
        if (operands.length + piped.length === 0) throw new TemplateError(`${first.name} needs a value`, first.line);
        for (const operand of operands) {
          value = evaluate(operand);
          if (isTrue(value) === stop) return value;
        }
        return piped.length > 0 ? piped[0] : value;
      }
      const call = this.functions[first.name];
      if (call === undefined) throw new TemplateError(`no function "${first.name}"`, first.line);
      return this.guarded(first.line, () => call(...operands.map(evaluate), ...piped));
    }
    const value = evaluate(first);
    if (typeof value === 'function')
      return this.guarded(first.line, () =>
        (value as (...values: unknown[]) => unknown)(...operands.map(evaluate), ...piped),
      );
    if (operands.length + piped.length > 0)
      throw new TemplateError(`${describeOperand(first)} is not a function: it takes no values`, first.line);
    return value;
  }

  private guarded<T>(line: number, run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (error instanceof TemplateError) throw error;
      throw new TemplateError(error instanceof Error ? error.message : String(error), line, error);
    }
  }

  private operand(operand: Operand, dot: unknown, variables: Variables): unknown {
    switch (operand.type) {
      case 'dot':
        return field(dot, operand);
      case 'literal':
        return operand.value;
      case 'variable':
        return field(variables.findLast(({ name }) => name === operand.name)?.value, operand);
      case 'pipeline':
        return field(this.pipeline(operand.pipeline, dot, variables), operand);
      default: {
        const call = this.functions[operand.name];
        if (call === undefined) throw new TemplateError(`${operand.name} needs a value`, operand.line);
        return this.guarded(operand.line, () => call());
      }
    }
  }
}

/** Follows the fields of an operand. Only what the data itself holds counts: nothing of `Object.prototype`. */
function field(start: unknown, operand: Operand): unknown {
  return operand.path.reduce((value, name) => {
    if (value instanceof Map) return value.get(name);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new TemplateError(
        `no field .${name} in ${describeValue(value)} (${describeOperand(operand)})`,
        operand.line,
      );
    for (
      let holder: object | null = value;
      holder !== null && holder !== Object.prototype;
      holder = Object.getPrototypeOf(holder)
    ) {
      if (!Object.hasOwn(holder, name) || (holder !== value && name === 'constructor')) continue;
      const found: unknown = Reflect.get(holder, name, value);
      return typeof found === 'function' ? found.bind(value) : found;
    }
    return undefined;
  }, start);
}

function iterate(value: unknown, line: number): Iterable<[unknown, unknown]> {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.entries();
  if (typeof value === 'number' && Number.isInteger(value)) return countTo(value);
  if (value instanceof Set) return [...value].entries();
  const entries = entriesOf(value);
  if (entries === undefined) throw new TemplateError(`range cannot go over ${describeValue(value)}`, line);
  return entries;
}

function* countTo(end: number): Generator<[number, number]> {
  for (let position = 0; position < end; position += 1) yield [position, position];
}

function describeOperand(operand: Operand): string {
  const path = operand.path.map((name) => `.${name}`).join('');
  switch (operand.type) {
    case 'dot':
      return path === '' ? '.' : path;
    case 'variable':
      return `$${operand.name}${path}`;
    case 'literal':
      return describeValue(operand.value);
    case 'function':
      return operand.name;
    default:
      return `(${describe(operand.pipeline)})${path}`;
  }
}

function describe(pipeline: Pipeline): string {
  return pipeline.commands.map((command) => command.map(describeOperand).join(' ')).join(' | ');
}
