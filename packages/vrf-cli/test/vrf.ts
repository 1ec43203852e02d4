import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { retryUntil } from '#testkit';

/** The program as it was built. */
export const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

/** This process's environment without what changes the output of programs; Node itself warns of some of it. */
export function plainEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _, NO_COLOR: __, ...rest } = process.env;
  return { ...rest, NODE_OPTIONS: '', ...more };
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. */
export interface Running extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<Ended>;
}

/** Starts `vrf`, or another program; it is ended with its scope. */
export function start(args: readonly string[], command: readonly string[] = [process.execPath, CLI]): Running {
  const [file = '', ...first] = command;
  const child = spawn(file, [...first, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: plainEnvironment(),
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // It may end before it has read its input.
  child.stdin.on('error', () => {});
  const ended = once(child, 'close').then(([code]): Ended => ({ code: code as number | null, stdout, stderr }));
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs `vrf` to its end. */
export async function vrf(args: readonly string[], input = ''): Promise<Ended> {
  await using running = start(args);
  running.child.stdin?.end(input);
  return await running.ended;
}

/** Starts `vrf listen`, and waits until it listens. */
export async function listening(...args: readonly string[]): Promise<Running> {
  const running = start(['listen', ...args]);
  await retryUntil(() => running.stderr().includes('listening on'), 15_000);
  return running;
}
