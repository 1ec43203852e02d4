import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A running `tcpdump` in a named namespace. */
export interface Capture {
  /** The lines that tcpdump has printed so far, one packet each. */
  readonly packets: readonly string[];
  /** Ends the capture and gives all packets, the last ones included. */
  stop(): Promise<readonly string[]>;
}

/**
 * What to put before `tcpdump -Z root`. It gives up root's groups before it listens or reads, and ends if it may not. In
 * the user namespace of an ordinary user that is not allowed; there, strace tells it that it has.
 */
export function keepingGroups(): string[] {
  if (readFileSync('/proc/self/setgroups', 'utf8').trim() !== 'deny') return [];
  return ['strace', '-D', '-qqq', '-o', '/dev/null', '-e', 'trace=setgroups', '-e', 'inject=setgroups:retval=0'];
}

/**
 * Captures packets in a named namespace (or, without one, where this process is) on all its interfaces.
 * Resolves once tcpdump listens, so that nothing sent from then on is missed.
 *
 * @param filter a pcap filter, `''` for everything
 * @param options tcpdump's own, `['-v']` to see the TOS
 */
export async function capture(
  namespace: string | undefined,
  filter = '',
  options: readonly string[] = [],
): Promise<Capture> {
  const tcpdump = [
    ...keepingGroups(),
    'tcpdump',
    '-i',
    'any',
    '-n',
    '-l',
    '--immediate-mode',
    '-Z',
    'root',
    ...options,
  ];
  if (filter !== '') tcpdump.push(filter);
  const [program = '', ...args] = namespace === undefined ? tcpdump : ['ip', 'netns', 'exec', namespace, ...tcpdump];
  const child: ChildProcess = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const packets: string[] = [];
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    packets.push(...lines);
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('listening on')) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`tcpdump ended with ${code}: ${said}`)));
  });
  return {
    packets,
    async stop() {
      // What the kernel has queued for tcpdump is still on its way to us.
      await delay(150);
      const ended = once(child, 'close');
      child.kill('SIGINT');
      await ended;
      if (rest !== '') packets.push(rest);
      return packets;
    },
  };
}
