import type { ChildProcess } from 'node:child_process';
import { accessSync, constants as fileConstants, statSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { type NamespaceRef, resolveNamespace, spawnInNamespace, vrfToNetns } from 'netns-core';
import type { ExecFlags } from '../commands/exec.js';
import { EXIT_CODE } from '../exit-codes.js';
import { Failure } from '../failure.js';
import { codeOf, messageOf } from '../output/errors.js';
import { safe } from '../output/print.js';
import { namespaceOf, takeTarget } from '../target.js';

/** What a program is told as well when this one is. */
const FORWARDED: readonly NodeJS.Signals[] = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGTERM',
  'SIGUSR1',
  'SIGUSR2',
  'SIGCONT',
];
/** A terminal sends these to the program itself, too. */
const FROM_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT']);

export async function run(vrf: string | undefined, command: string[], flags: ExecFlags): Promise<void> {
  // What follows the VRF is passed through as it is, a separator before the command as well.
  const after = command[0] === '--' ? command.slice(1) : command;
  const given = [vrf, ...after].filter((text) => text !== undefined);
  const { target, rest } = await takeTarget(flags, given, ['command'], true);
  const reference = namespaceOf(target, 'exec');
  const [file = '', ...args] = rest;
  const name = flags.etc ? mountName(reference) : undefined;
  if (name !== undefined) checkProgram(file);
  process.exitCode = await runProgram(reference, file, args, name);
}

/**
 * The name for /etc/netns and for the mount of /sys. Without one a namespace is called as the kernel calls it: it has no
 * files, and the /sys of its own all the same. The current namespace has both already.
 */
function mountName(reference: NamespaceRef): string | undefined {
  if (reference === '') return undefined;
  if (typeof reference === 'string') return reference;
  if ('vrf' in reference) return vrfToNetns(reference.vrf) || undefined;
  using handle = resolveNamespace(reference);
  return `net:[${handle.ino}]`;
}

/** @throws Failure as shells do, before the program's mounts are made: their shell would say it in its own words */
function checkProgram(file: string): void {
  const found = file.includes('/') ? [file] : (process.env.PATH ?? '').split(':').map((folder) => join(folder, file));
  // A folder of PATH that cannot be searched is one without the program, as for execvp(3).
  const problems = found.map(problemOfProgram);
  if (problems.includes(undefined)) return;
  if (problems.includes('not executable') || (file.includes('/') && problems.includes('not searchable')))
    throw new Failure(`cannot run ${safe(file)}: it is not executable`, EXIT_CODE.notExecutable);
  throw new Failure(`cannot run ${safe(file)}: program not found`, EXIT_CODE.notFound);
}

function problemOfProgram(path: string): 'not there' | 'not searchable' | 'not executable' | undefined {
  try {
    if (!statSync(path).isFile()) return 'not there';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? 'not searchable' : 'not there';
  }
  try {
    accessSync(path, fileConstants.X_OK);
    return undefined;
  } catch {
    return 'not executable';
  }
}

function runProgram(
  reference: NamespaceRef,
  file: string,
  args: readonly string[],
  etc: string | undefined,
): Promise<number> {
  let child: ChildProcess | undefined;
  const forward = (signal: NodeJS.Signals): void => {
    if (!(process.stdin.isTTY && FROM_TERMINAL.has(signal))) child?.kill(signal);
  };
  // Before the program starts: a signal right afterwards must not end this process alone.
  for (const signal of FORWARDED) process.on(signal, forward);
  return new Promise<number>((resolve, reject) => {
    const options = { stdio: 'inherit' as const, ...(etc !== undefined && { netnsEtc: etc }) };
    child = spawnInNamespace(reference, file, args, options);
    child.once('error', (error) => {
      const exitCode = codeOf(error) === 'ENOENT' ? EXIT_CODE.notFound : EXIT_CODE.notExecutable;
      reject(new Failure(`cannot run ${safe(file)}: ${messageOf(error)}`, exitCode, { cause: error }));
    });
    child.once('exit', (code, signal) =>
      resolve(signal === null ? (code ?? 1) : EXIT_CODE.signalBase + constants.signals[signal]),
    );
  }).finally(() => {
    for (const signal of FORWARDED) process.off(signal, forward);
  });
}
