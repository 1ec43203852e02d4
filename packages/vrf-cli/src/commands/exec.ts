import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import type { Command } from 'commander';
import { type NamespaceRef, spawnInNamespace, vrfToNetns } from 'netns-core';
import { Failure } from '../failure.js';
import { codeOf, messageOf } from '../output/errors.js';
import { safe } from '../output/print.js';
import { addTargetOptions, namespaceOf, type TargetFlags, takeTarget } from '../target.js';

interface ExecFlags extends TargetFlags {
  readonly etc: boolean;
}

/** As shells and env(1) have it. */
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;
const SIGNAL_BASE = 128;

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

export function addExec(program: Command): void {
  addTargetOptions(program.command('exec'))
    .description('run a program in a namespace, and end with its exit code; signals are forwarded')
    .argument('[vrf]', 'the VRF')
    .argument('[command...]', 'the program and its arguments')
    .passThroughOptions()
    .option('--no-etc', 'do not bind /etc/netns/<name>/* over the files in /etc')
    .addHelpText('after', '\nExample:\n  $ vrf exec red ip route\n  $ vrf exec --namespace web -- ss -tln\n')
    .action(exec);
}

async function exec(vrf: string | undefined, command: string[], flags: ExecFlags): Promise<void> {
  // What follows the VRF is passed through as it is, a separator before the command as well.
  const after = command[0] === '--' ? command.slice(1) : command;
  const given = [vrf, ...after].filter((text) => text !== undefined);
  const { target, rest } = takeTarget(flags, given, ['command'], true);
  const reference = namespaceOf(target, 'exec');
  const [file = '', ...args] = rest;
  const name = flags.etc ? etcName(reference) : undefined;
  process.exitCode = await run(reference, file, args, name);
}

/** The name of a namespace that has files in /etc/netns. */
function etcName(reference: NamespaceRef): string | undefined {
  const name = typeof reference === 'string' ? reference : 'vrf' in reference ? vrfToNetns(reference.vrf) : undefined;
  return name !== undefined && name !== '' && existsSync(`/etc/netns/${name}`) ? name : undefined;
}

function run(reference: NamespaceRef, file: string, args: readonly string[], etc: string | undefined): Promise<number> {
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
      const exitCode = codeOf(error) === 'ENOENT' ? NOT_FOUND : NOT_EXECUTABLE;
      reject(new Failure(`cannot run ${safe(file)}: ${messageOf(error)}`, exitCode, { cause: error }));
    });
    child.once('exit', (code, signal) =>
      resolve(signal === null ? (code ?? 1) : SIGNAL_BASE + constants.signals[signal]),
    );
  }).finally(() => {
    for (const signal of FORWARDED) process.off(signal, forward);
  });
}
