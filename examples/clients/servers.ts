import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openSocket } from 'netns-core';
import { type Capture, capture, ip, ipIn, makeNamespaces, retryUntil, uniqueName } from '#testkit';

/** The name that clients are given; only the VRF knows it. */
export const HOST = 'server.example';
export const ADDRESS = '192.0.2.10';

/** A VRF in which servers run, and a home that has the same address and must never see a packet. */
export interface ClientLab extends AsyncDisposable {
  readonly vrf: string;
  /** Runs a program in the VRF until the lab is closed. */
  start(command: string, args: readonly string[]): ChildProcess;
  /** Waits until a server listens on the port. */
  listening(port: number): Promise<void>;
  /** Runs one of the examples and gives what it printed. */
  example(file: string, port: number): Promise<string>;
  /** Closes the lab and gives the packets that home has seen. */
  close(): Promise<readonly string[]>;
}

export async function openLab(): Promise<ClientLab> {
  const vrf = uniqueName('v');
  const namespace = `ns-${vrf}`;
  const namespaces = makeNamespaces(namespace);
  ipIn(namespace, `addr add ${ADDRESS}/32 dev lo`);
  ip(`addr replace ${ADDRESS}/32 dev lo`);
  mkdirSync(`/etc/netns/${namespace}`, { recursive: true });
  writeFileSync(`/etc/netns/${namespace}/hosts`, `${ADDRESS} ${HOST}\n`);
  const home: Capture = await capture(undefined, `host ${ADDRESS}`);
  const children: ChildProcess[] = [];
  let closing: Promise<readonly string[]> | undefined;
  const close = (): Promise<readonly string[]> => {
    closing ??= (async () => {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        await ended;
      }
      const packets = (await home.stop()).filter((line) => line !== '');
      namespaces.remove();
      ip(`addr del ${ADDRESS}/32 dev lo`);
      rmSync(`/etc/netns/${namespace}`, { recursive: true, force: true });
      return packets;
    })();
    return closing;
  };
  return {
    vrf,
    start(command, args) {
      const child = spawn('ip', ['netns', 'exec', namespace, command, ...args], { stdio: 'ignore' });
      children.push(child);
      return child;
    },
    listening: (port) => retryUntil(() => isListening(namespace, port), 30_000, 50).then(() => undefined),
    async example(file, port) {
      const program = fileURLToPath(new URL(file, import.meta.url));
      const { stdout } = await promisify(execFile)(process.execPath, [program, vrf, HOST, String(port)], {
        timeout: 30_000,
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      return stdout.trim();
    },
    close,
    [Symbol.asyncDispose]: async () => {
      await close();
    },
  };
}

function isListening(namespace: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const fd = openSocket({ namespace, family: 'ipv4', type: 'stream' });
    const socket = new Socket({ fd }).connect(port, ADDRESS);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      socket.destroy();
      resolve(false);
    });
  });
}

/** Where Debian puts the programs of the newest PostgreSQL; they are in no PATH. */
export function postgresPrograms(): string {
  const root = '/usr/lib/postgresql';
  const [newest = ''] = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  return path.join(root, newest, 'bin');
}
