import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { NetnsError } from 'netns-core';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string>>;

/** What `withEnv` takes: `KEY=VALUE` lines as in NEScript, or an object. */
export type EnvironmentInput = string | Environment;

/** Later entries win, as for a process that is given the same variable twice. */
export function mergeEnvironment(base: Environment, inputs: readonly EnvironmentInput[]): Environment {
  const merged: Record<string, string> = { ...base };
  for (const input of inputs) {
    if (typeof input !== 'string') {
      for (const [name, value] of Object.entries(input)) merged[checkName(name)] = value;
      continue;
    }
    const split = input.indexOf('=');
    if (split < 0)
      throw new NetnsError(`environment variable ${JSON.stringify(input)}: write KEY=VALUE`, {
        code: 'ERR_INVALID_ARGUMENT',
      });
    merged[checkName(input.slice(0, split))] = input.slice(split + 1);
  }
  return merged;
}

function checkName(name: string): string {
  if (name === '' || /[=\0]/.test(name))
    throw new NetnsError(`${JSON.stringify(name)} cannot name an environment variable`, {
      code: 'ERR_INVALID_ARGUMENT',
    });
  return name;
}

/** The environment of this process. */
export function localEnvironment(): Environment {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/**
 * The file that a command's name stands for, looked up in this process's `PATH`: the environment that the command
 * gets may well be empty.
 *
 * @throws NetnsError `ENOENT` listing the directories it was looked for in
 */
export function findProgram(command: string): string {
  if (command.includes('/')) return command;
  const search = process.env.PATH ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  for (const directory of search.split(path.delimiter)) {
    const file = path.join(directory === '' ? '.' : directory, command);
    try {
      accessSync(file, constants.X_OK);
      if (!statSync(file).isFile()) continue;
      return path.resolve(file);
    } catch {
      // Not in this directory.
    }
  }
  throw new NetnsError(`cannot run ${JSON.stringify(command)}: no such program in ${search}`, { code: 'ENOENT' });
}
