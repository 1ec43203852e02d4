import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('misbehaving-server.mjs', import.meta.url));

/** A query as the server saw it. */
export interface SeenQuery {
  readonly server: string;
  readonly name: string;
  readonly type: number;
  readonly id: number;
  readonly port: number;
  readonly from: string;
  readonly edns: boolean;
  readonly transport: 'udp' | 'tcp';
}

/** A running name server. */
export interface RunningServer extends AsyncDisposable {
  /** All queries so far, once what the server has printed until now has arrived. */
  seen(): Promise<readonly SeenQuery[]>;
  /** Those for one name. */
  of(name: string): Promise<SeenQuery[]>;
  stop(): Promise<void>;
}

/** Starts `misbehaving-server.mjs` in a namespace. */
export async function startMisbehavingServer(
  namespace: string,
  options: { addresses: readonly string[]; spoofer?: string; mode?: string; port?: number },
): Promise<RunningServer> {
  const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, PROGRAM, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const queries: SeenQuery[] = [];
  await new Promise<void>((resolve, reject) => {
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const entry = JSON.parse(line) as SeenQuery | { ready: true };
        if ('ready' in entry) resolve();
        else queries.push(entry);
      }
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the name server ended with ${code}`)));
  });
  return runningServer(child, queries);
}

function runningServer(child: ChildProcess, queries: readonly SeenQuery[]): RunningServer {
  const seen = async (): Promise<readonly SeenQuery[]> => {
    await delay(10);
    return [...queries];
  };
  const stop = (): Promise<void> => end(child);
  return {
    seen,
    of: async (name) => (await seen()).filter((query) => query.name === name),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Starts dnsmasq in a namespace, in the foreground, with nothing but the given options. */
export async function startDnsmasq(namespace: string, options: readonly string[]): Promise<RunningServer> {
  const child = spawn(
    'ip',
    [
      ...['netns', 'exec', namespace, 'dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv'],
      ...['--no-hosts', '--user=', '--group=', '--pid-file=', '--log-queries', '--log-facility=-', '--bind-interfaces'],
      ...options,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const queries: SeenQuery[] = [];
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      for (const [, type = '', name = '', from = ''] of text.matchAll(/query\[(\w+)\] (\S+) from (\S+)/g))
        queries.push({
          ...{ server: 'dnsmasq', name, type: type === 'A' ? 1 : 28, id: 0, port: 0, from, edns: true },
          transport: 'udp',
        });
      if (/started, (?:version|cache)/.test(said)) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`dnsmasq ended with ${code}: ${said}`)));
  });
  return runningServer(child, queries);
}

/** Writes files into `/etc/netns/<name>`; `undefined` removes one. */
export function writeNetnsFiles(name: string, files: Readonly<Record<string, string | undefined>>): void {
  mkdirSync(`/etc/netns/${name}`, { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    if (text === undefined) rmSync(`/etc/netns/${name}/${file}`, { force: true });
    else writeFileSync(`/etc/netns/${name}/${file}`, text);
  }
}
