import { type ExecFileSyncOptions, execFileSync } from 'node:child_process';
import { TIME_FACTOR } from './process.ts';

/** Runs a program to its end; throws with what it said on stderr. */
export function run(program: string, args: readonly string[], options: ExecFileSyncOptions = {}): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'], ...options }) as string;
}

/** `ip` of iproute2, its arguments as one line or as a list. */
export function ip(...args: readonly string[]): string {
  return run('ip', args.length === 1 && args[0] !== undefined ? args[0].split(/\s+/) : args);
}

/** `ip` inside a named namespace: `ipIn('red', 'addr add 192.0.2.1/24 dev eth0')`. */
export function ipIn(namespace: string, line: string): string {
  return ip('-n', namespace, ...line.split(/\s+/));
}

/** `ip -j -d …`, parsed. */
export function ipJson<T = Record<string, unknown>>(line: string, namespace?: string): T[] {
  const where = namespace === undefined ? [] : ['-n', namespace];
  const text = ip('-j', '-d', ...where, ...line.split(/\s+/)).trim();
  return text === '' ? [] : (JSON.parse(text) as T[]);
}

let counter = 0;

/** A name that no other test uses; short enough for an interface (15 bytes). */
export function uniqueName(prefix = 't'): string {
  counter += 1;
  return `${prefix}${(process.pid % 100_000).toString(36)}${counter.toString(36)}`;
}

/** Several commands for one process of `ip`, inside a named namespace or (`undefined`) here. */
function ipBatch(namespace: string | undefined, lines: readonly string[]): void {
  const where = namespace === undefined ? [] : ['-n', namespace];
  run('ip', [...where, '-batch', '-'], { input: `${lines.join('\n')}\n` });
}

/** Makes named namespaces with `ip netns add`, `lo` up; `using` (or the returned function) removes them. */
export function makeNamespaces(...names: readonly string[]): Disposable & { remove(): void } {
  if (names.length > 0)
    ipBatch(
      undefined,
      names.map((name) => `netns add ${name}`),
    );
  for (const name of names) ipIn(name, 'link set lo up');
  const remove = (): void => {
    for (const name of names) {
      try {
        ip(`netns del ${name}`);
      } catch {
        // The test deleted it itself.
      }
    }
  };
  return { remove, [Symbol.dispose]: remove };
}

/** The indexes of links that `vethBetween` makes: higher than those that the kernel gives, so that home has none of them. */
let index = 1000;

/**
 * A veth pair between two named namespaces, both ends up and with their addresses. IPv6 addresses get `nodad`, so
 * that they are usable at once.
 */
export function vethBetween(
  a: { namespace: string; name: string; addresses: readonly string[] },
  b: { namespace: string; name: string; addresses: readonly string[] },
): void {
  // The kernel reports a carrier at once where a link and its peer have different indexes. Otherwise it takes the link
  // for a device of its own, whose changes it reports once a second (linkwatch_urgent_event in link_watch.c).
  const ends = `netns ${a.namespace} index ${++index} type veth peer name ${b.name} netns ${b.namespace} index ${++index}`;
  ip(`link add ${a.name} ${ends}`);
  for (const end of [a, b])
    ipBatch(end.namespace, [
      ...end.addresses.map((address) => `addr add ${address} dev ${end.name}${address.includes(':') ? ' nodad' : ''}`),
      `link set ${end.name} up`,
    ]);
  // IPv6 finds its neighbour only once both ends have a carrier.
  const address = b.addresses.find((candidate) => candidate.includes(':'))?.split('/')[0];
  if (address === undefined || !a.addresses.some((candidate) => candidate.includes(':'))) return;
  const end = performance.now() + 10_000 * TIME_FACTOR;
  for (;;) {
    try {
      ip('netns', 'exec', a.namespace, 'ping', '-6', '-c', '1', '-W', '1', address);
      return;
    } catch (error) {
      // Without a carrier there is no route yet, and ping ends at once.
      if (performance.now() > end) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}
