import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { NetnsError } from 'netns-core';
import { escaped, shown } from 'netns-core/checks';
import { Cmd } from './cmd.js';
import { type Environment, type EnvironmentInput, localEnvironment, mergeEnvironment } from './environment.js';
import type { ExecOptions } from './executor.js';
import { type Fields, mergeFields } from './fields.js';
import type { Process } from './process.js';
import { renderTemplate } from './template.js';

/** What runs a script unless it says otherwise. */
const DEFAULT_SUBCOMMAND: readonly string[] = ['sh', '-c'];

/**
 * A script: text for an interpreter, with templates in the syntax of Go's `text/template` (`{{.Name}}`), the fields for
 * them, and an environment, which is empty unless given. Every `with…` returns a new script and leaves this one
 * alone.
 *
 * A field's value becomes part of the script's text. What comes from elsewhere must be quoted for the interpreter:
 * `{{.Name | shellQuote}}` for a shell.
 */
export class Script {
  private text: string;
  private fields: Fields = {};
  private environment: Environment = {};
  private subcommand: readonly string[] = DEFAULT_SUBCOMMAND;

  constructor(raw: string) {
    this.text = raw;
  }

  /** Reads a script from a file (UTF-8). */
  static async fromFile(file: string | URL): Promise<Script> {
    try {
      return new Script(await readFile(file, 'utf8'));
    } catch (cause) {
      const { code = 'ERR_READ', message } = cause as NodeJS.ErrnoException;
      throw new NetnsError(`cannot read the script ${escaped(String(file), 500)}: ${message}`, {
        code,
        path: String(file),
        cause,
      });
    }
  }

  /**
   * Fetches a script by HTTP. An answer other than 2xx is an error (NEScript would run the error page).
   *
   * A user name and password in the URL are sent as HTTP basic authentication and do not get into messages.
   *
   * @param options.fetch another `fetch`, one bound to a VRF for instance
   */
  static async fromHTTP(
    url: string | URL,
    options: { fetch?: typeof fetch; signal?: AbortSignal } = {},
  ): Promise<Script> {
    const { fetch: get = fetch, signal } = options;
    const request = withoutCredentials(url);
    try {
      const response = await get(request.url, {
        headers: request.headers,
        ...(signal === undefined ? {} : { signal }),
      });
      if (!response.ok) {
        await response.body?.cancel();
        throw new Error(`the server answered ${response.status} ${response.statusText}`);
      }
      return new Script(await response.text());
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new NetnsError(`cannot fetch the script ${escaped(request.url, 500)}: ${message}`, {
        code: 'ERR_SCRIPT_FETCH',
        cause,
      });
    }
  }

  private derive(change: {
    text?: string;
    fields?: Fields;
    environment?: Environment;
    subcommand?: readonly string[];
  }): Script {
    const derived = new Script(change.text ?? this.text);
    derived.fields = change.fields ?? this.fields;
    derived.environment = change.environment ?? this.environment;
    derived.subcommand = change.subcommand ?? this.subcommand;
    return derived;
  }

  /** The text as it is now, templates included. */
  raw(): string {
    return this.text;
  }

  /** The fields for templates. */
  data(): Fields {
    return this.fields;
  }

  /** The environment that it will have. */
  env(): Environment {
    return this.environment;
  }

  /**
   * Sets the interpreter and its options, to which the text is added as the last argument. Default `sh -c`.
   *
   * @throws NetnsError for an empty one
   */
  withSubcommand(subcommand: readonly string[]): Script;
  withSubcommand(...subcommand: readonly string[]): Script;
  withSubcommand(...words: readonly (string | readonly string[])[]): Script {
    const subcommand = words.flat();
    if (subcommand.length === 0 || subcommand[0] === '')
      throw new NetnsError("a script's subcommand needs the name of an interpreter, as in ['sh', '-c']", {
        code: 'ERR_INVALID_ARGUMENT',
      });
    return this.derive({ subcommand });
  }

  /** Sets a field for the templates. */
  withField(key: string, value: unknown): Script {
    return this.withFields({ [key]: value });
  }

  /** Sets fields; those set before are kept if `overwrite` is false. */
  withFields(fields: Fields, overwrite = true): Script {
    return this.derive({ fields: mergeFields(this.fields, fields, overwrite) });
  }

  /** Adds environment variables, as `'KEY=VALUE'` or as an object. */
  withEnv(...env: readonly EnvironmentInput[]): Script {
    return this.derive({ environment: mergeEnvironment(this.environment, env) });
  }

  /** Adds the environment of this process. */
  withLocalOSEnv(): Script {
    return this.withEnv(localEnvironment());
  }

  /**
   * Fills in the templates.
   *
   * @throws TemplateError naming the line, for a template that cannot be read, and for a field that is printed and missing
   */
  compile(): Script {
    return this.derive({ text: renderTemplate(this.text, this.fields), fields: {} });
  }

  /** The same as {@link Script.compile}, which throws in any case; the name is NEScript's. */
  mustCompile(): Script {
    return this.compile();
  }

  /**
   * The command that runs it as it is now: subcommand, then the text. The kernel takes no argument of more than 128 KiB;
   * a shell is given a longer script in several.
   *
   * @throws NetnsError `ERR_SCRIPT_TOO_LONG` if it is too long for another interpreter, or over 1 MiB
   */
  cmd(): Cmd {
    const [command = '', ...args] = this.subcommand;
    return new Cmd(command, ...args, ...scriptArguments(this.subcommand, this.text)).withEnv(this.environment);
  }

  /**
   * Runs it as it is now: templates that were not compiled stand as they are. Resolves once it runs.
   *
   * @throws NetnsError if the interpreter could not be started
   */
  exec(options?: ExecOptions): Promise<Process> {
    return this.cmd().exec(options);
  }
}

/** `fetch` refuses URLs with credentials, and repeats them in the refusal. */
function withoutCredentials(url: string | URL): { url: string; headers: Record<string, string> } {
  if (!URL.canParse(String(url))) return { url: String(url), headers: {} };
  const bare = new URL(url);
  const { username, password } = bare;
  if (username === '' && password === '') return { url: bare.href, headers: {} };
  bare.username = '';
  bare.password = '';
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  return { url: bare.href, headers: { authorization: `Basic ${credentials.toString('base64')}` } };
}

/** `MAX_ARG_STRLEN` of <linux/binfmts.h> is 32 pages, the NUL at the end included. */
const MAX_ARGUMENT_BYTES = 32 * 4096 - 1;
/** All arguments and the environment share a quarter of the stack's limit, 2 MiB by default. */
const MAX_SCRIPT_BYTES = 1024 * 1024;
const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh']);

function scriptArguments(subcommand: readonly string[], text: string): string[] {
  const size = Buffer.byteLength(text);
  if (size <= MAX_ARGUMENT_BYTES) return [text];
  const [command = '', ...options] = subcommand;
  const isShell = SHELLS.has(path.basename(command)) && options.at(-1) === '-c';
  if (!isShell || size > MAX_SCRIPT_BYTES)
    throw new NetnsError(
      `a script of ${size} bytes is too long for ${shown(command)}: ${isShell ? `${MAX_SCRIPT_BYTES} bytes are the limit` : 'the kernel takes no argument of more than 128 KiB'}. Write it to a file and run that`,
      { code: 'ERR_SCRIPT_TOO_LONG' },
    );
  const parts = chunksOf(text, MAX_ARGUMENT_BYTES);
  const joined = parts.map((_, index) => `\${${index + 1}}`).join('');
  // The parameters are put together and taken away before the first line of the script is read.
  return [`__neslink=${joined}; set --; eval "unset __neslink; $__neslink"`, path.basename(command), ...parts];
}

/** Cuts a text into parts of so many bytes at most, between characters. */
function chunksOf(text: string, maxBytes: number): string[] {
  const bytes = Buffer.from(text);
  const chunks: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    let end = Math.min(start + maxBytes, bytes.length);
    while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
    chunks.push(bytes.toString('utf8', start, end));
    start = end;
  }
  return chunks;
}
