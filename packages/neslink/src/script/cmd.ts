import { NetnsError } from 'netns-core';
import { type Environment, type EnvironmentInput, localEnvironment, mergeEnvironment } from './environment.js';
import { type ExecOptions, execute } from './executor.js';
import { type Fields, mergeFields } from './fields.js';
import type { Process } from './process.js';
import { renderTemplate } from './template.js';

/**
 * A program and its arguments, without a shell in between. Arguments may hold templates. Every `with…` returns a
 * new command and leaves this one alone.
 */
export class Cmd {
  private words: readonly string[];
  private fields: Fields = {};
  private environment: Environment = {};

  /** @throws NetnsError for an empty command */
  constructor(command: string, ...args: readonly string[]) {
    if (command === '') throw new NetnsError('a command needs the name of a program', { code: 'ERR_INVALID_ARGUMENT' });
    this.words = [command, ...args];
  }

  private derive(change: { words?: readonly string[]; fields?: Fields; environment?: Environment }): Cmd {
    const derived: Cmd = Object.create(Cmd.prototype);
    derived.words = change.words ?? this.words;
    derived.fields = change.fields ?? this.fields;
    derived.environment = change.environment ?? this.environment;
    return derived;
  }

  /** Program and arguments as they are now, templates included. */
  raw(): string[] {
    return [...this.words];
  }

  /** The fields for templates. */
  data(): Fields {
    return this.fields;
  }

  /** The environment that it will have. */
  env(): Environment {
    return this.environment;
  }

  /** Adds an argument. */
  withArg(arg: string): Cmd {
    return this.withArgs(arg);
  }

  /** Adds arguments. */
  withArgs(...args: readonly string[]): Cmd {
    return this.derive({ words: [...this.words, ...args] });
  }

  /** Sets a field for the templates in its arguments. */
  withField(key: string, value: unknown): Cmd {
    return this.withFields({ [key]: value });
  }

  /** Sets fields; those set before are kept if `overwrite` is false. */
  withFields(fields: Fields, overwrite = true): Cmd {
    return this.derive({ fields: mergeFields(this.fields, fields, overwrite) });
  }

  /** Adds environment variables, as `'KEY=VALUE'` or as an object. */
  withEnv(...env: readonly EnvironmentInput[]): Cmd {
    return this.derive({ environment: mergeEnvironment(this.environment, env) });
  }

  /** Adds the environment of this process. */
  withLocalOSEnv(): Cmd {
    return this.withEnv(localEnvironment());
  }

  /**
   * Fills in the templates in its arguments (not in the program's name).
   *
   * @throws TemplateError
   */
  compile(): Cmd {
    const [command = '', ...args] = this.words;
    return this.derive({ words: [command, ...args.map((arg) => renderTemplate(arg, this.fields))], fields: {} });
  }

  /** The same as {@link Cmd.compile}, which throws in any case; the name is NEScript's. */
  mustCompile(): Cmd {
    return this.compile();
  }

  /**
   * Runs it as it is now: templates that were not compiled go to the program as they stand. Resolves once it runs.
   *
   * @throws NetnsError if the program could not be started
   */
  exec(options?: ExecOptions): Promise<Process> {
    return execute(this.words, this.environment, options);
  }
}
