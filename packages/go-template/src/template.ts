import { FUNCTIONS, type TemplateFunction } from './functions.js';
import { type ParsedTemplate, parseTemplate } from './parser.js';
import { render } from './render.js';
import { TemplateError } from './template-error.js';

/** Bounds of one execution, so that a template from elsewhere cannot take all time or memory. */
export interface TemplateOptions {
  /**
   * How many actions, texts and turns of loops may be executed.
   *
   * @default 1_000_000
   */
  maxSteps?: number;
  /**
   * How long the output may be, in UTF-16 code units.
   *
   * @default 16_777_216
   */
  maxOutputLength?: number;
}

/**
 * A template in the syntax of Go's `text/template`. It is read when it is made, and may be executed any number of times.
 *
 * What Go would print differently is refused: see the README for the list. Printing a value that is missing is an
 * error (Go prints `<no value>`), and so is a wrong use of `printf` (Go prints a mark). `shellQuote`, `json` and `join`
 * are there beside Go's functions; `html`, `js` and `urlquery` are not.
 */
export class Template {
  readonly #parsed: ParsedTemplate;
  readonly #functions: Readonly<Record<string, TemplateFunction>>;
  readonly #limits: Required<TemplateOptions>;

  /** @throws TemplateError naming the line of what cannot be read */
  constructor(text: string, options?: TemplateOptions);
  /** @internal the same template with other functions */
  constructor(template: Template, functions: Readonly<Record<string, TemplateFunction>>);
  constructor(from: string | Template, more: TemplateOptions | Readonly<Record<string, TemplateFunction>> = {}) {
    if (from instanceof Template) {
      this.#parsed = from.#parsed;
      this.#limits = from.#limits;
      this.#functions = { ...from.#functions, ...(more as Readonly<Record<string, TemplateFunction>>) };
      return;
    }
    const { maxSteps = 1_000_000, maxOutputLength = 16 * 1024 * 1024 } = more as TemplateOptions;
    this.#parsed = parseTemplate(from);
    this.#functions = FUNCTIONS;
    this.#limits = { maxSteps, maxOutputLength };
  }

  /**
   * The same template with more functions, as Go's `Funcs`. One of a known name replaces it.
   *
   * @param functions take the values of their arguments, the piped one last; what they throw becomes a TemplateError
   */
  funcs(functions: Readonly<Record<string, TemplateFunction>>): Template {
    return new Template(this, functions);
  }

  /**
   * Executes the template.
   *
   * @param data what `.` is at the top: an object, a Map, a list, text, …
   * @throws TemplateError naming the line
   */
  execute(data: unknown): string {
    for (const { name, line } of this.#parsed.calls)
      if (!Object.hasOwn(this.#functions, name)) throw new TemplateError(`no function "${name}"`, line);
    return render(this.#parsed, this.#functions, this.#limits, data);
  }
}
