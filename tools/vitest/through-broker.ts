// A setup file: the sockets of the suite's own process come from a broker, as those of a process without privileges do.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectBroker, hopSource, NetnsError, type SocketSource, useSocketSource } from 'netns-core';
import { afterAll } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../packages/netns-core/dist/netns-broker.js', import.meta.url));
const directory = mkdtempSync(path.join(tmpdir(), 'through-broker-'));
const socket = path.join(directory, 'socket');
const config = path.join(directory, 'config.json');
const rule = {
  users: ['*'],
  namespaces: ['*'],
  types: ['stream', 'dgram', 'ping', 'netlink'],
  listen: [[1, 65_535]],
  marks: [[0, 0xffffffff]],
  priorities: [[0, 0x7fffffff]],
  transparent: true,
};
writeFileSync(config, JSON.stringify({ path: socket, policy: { rules: [rule] }, log: 'none' }));
const broker = spawn(process.execPath, [PROGRAM, '--config', config], { stdio: ['ignore', 'inherit', 'inherit'] });
const source = connectBroker(socket, { timeout: 20_000 });
// Waits for it. Its connections stay open: suites count descriptors.
const kept = source.watch?.('no-such-namespace', () => {});
source.identify('no-such-namespace');
while (kept?.live !== true) await setTimeout(5);

/** What has no name in /run/netns, such as a handle, no broker makes sockets in: that is another suite's subject. */
function orByHop<T>(byBroker: () => T, byHop: () => T): T {
  try {
    return byBroker();
  } catch (error) {
    if (error instanceof NetnsError && error.code === 'ERR_BROKER_UNSUPPORTED') return byHop();
    throw error;
  }
}

const tested: SocketSource = {
  open: (...args) =>
    orByHop(
      () => source.open(...args),
      () => hopSource.open(...args),
    ),
  openMany: (options, fds) =>
    orByHop(
      () => source.openMany?.(options, fds) ?? 0,
      () => {
        fds[0] = hopSource.open(options);
        return 1;
      },
    ),
  openNetlink: (...args) =>
    orByHop(
      () => source.openNetlink(...args),
      () => hopSource.openNetlink(...args),
    ),
  identify: (ref) =>
    orByHop(
      () => source.identify(ref),
      () => hopSource.identify(ref),
    ),
  mustExist: (ref) =>
    orByHop(
      () => source.mustExist(ref),
      () => hopSource.mustExist(ref),
    ),
  inspect: (ref) =>
    orByHop(
      () => source.inspect(ref),
      () => hopSource.inspect(ref),
    ),
  watch: (...args) =>
    orByHop(
      () => source.watch?.(...args),
      () => undefined,
    ),
};
useSocketSource(tested);

afterAll(async () => {
  useSocketSource(hopSource);
  source.close();
  const ended = once(broker, 'exit');
  broker.kill();
  await ended;
  rmSync(directory, { recursive: true });
});
