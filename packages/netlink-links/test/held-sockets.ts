import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const children: ChildProcess[] = [];

/** What another process has printed, line by line, as JSON. */
export interface HeldSockets<T> {
  readonly first: T;
  next(): Promise<T>;
}

/**
 * Sockets of another process, with options that Node does not set. Its program is Python's, which knows `socket`, `struct`
 * and `os`, and says by `told(…)` what the test is to know.
 */
export async function heldSockets<T>(
  lines: readonly string[],
  { namespace }: { readonly namespace?: string } = {},
): Promise<HeldSockets<T>> {
  const script = [
    'import socket, sys, json, struct, os',
    'def told(value): print(json.dumps(value), flush=True)',
    ...lines,
    'sys.stdin.read()',
  ];
  const program = ['python3', '-c', script.join('\n')];
  const [command = '', ...args] = namespace === undefined ? program : ['ip', 'netns', 'exec', namespace, ...program];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const printed = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<T> => JSON.parse((await printed.next()).value ?? '') as T;
  return { first: await next(), next };
}

/** Ends the processes; their sockets go with them. */
export function endHeldSockets(): void {
  for (const child of children.splice(0)) child.stdin?.end();
}
