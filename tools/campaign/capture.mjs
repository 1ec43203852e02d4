import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { sleep } from './clock.mjs';

/**
 * tcpdump gives up root's groups before it listens. In the user namespace of an ordinary user that is not allowed;
 * there, strace tells it that it has.
 */
function keepingGroups() {
  if (readFileSync('/proc/self/setgroups', 'utf8').trim() !== 'deny') return [];
  return ['strace', '-D', '-qqq', '-o', '/dev/null', '-e', 'trace=setgroups', '-e', 'inject=setgroups:retval=0'];
}

/** A tcpdump, at home or in a namespace. Counts packets, and remembers them by what `keep` makes of a line. */
export class Capture {
  packets = 0;
  dropped = 0;
  kept = new Map();
  /** The last lines, for a report. */
  last = [];
  #child;
  #rest = '';

  async start(namespace, filter, keep) {
    const tcpdump = [
      ...keepingGroups(),
      ...['tcpdump', '-i', 'any', '-n', '-l', '-tt', '--immediate-mode', '-B', '16384', '-Z', 'root', filter],
    ];
    const command = namespace === undefined ? tcpdump : ['nsenter', `--net=/run/netns/${namespace}`, '--', ...tcpdump];
    const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', (text) => {
      const lines = (this.#rest + text).split('\n');
      this.#rest = lines.pop();
      for (const line of lines) {
        if (line === '') continue;
        this.packets += 1;
        this.last.push(line);
        if (this.last.length > 10) this.last.shift();
        const key = keep?.(line);
        if (key !== undefined) this.kept.set(key, (this.kept.get(key) ?? 0) + 1);
      }
    });
    let said = '';
    await new Promise((resolve, reject) => {
      child.stderr.setEncoding('utf8').on('data', (text) => {
        said += text;
        if (said.includes('listening on')) resolve();
        this.dropped = Number(/(\d+) packets? dropped by kernel/.exec(said)?.[1] ?? 0);
      });
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`tcpdump ended with ${code}: ${said}`)));
    });
  }

  async stop() {
    // What the kernel has queued for tcpdump is still on its way.
    await sleep(300);
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGINT');
    await ended;
  }
}
