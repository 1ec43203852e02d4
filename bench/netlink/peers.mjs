// What the dumps are compared with: other people's programs, and receiving without looking.
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AF_NETLINK, Errno, MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, SOCK_CLOEXEC, SOCK_RAW, sys } from 'netns-core/sys';

const HERE = path.dirname(fileURLToPath(import.meta.url));

function run(program, args, options = {}) {
  const result = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 30, ...options });
  if (result.error) throw result.error;
  if (result.status !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with ${result.status}: ${result.stderr}`);
  return result.stdout;
}

/**
 * The best of several measurements: of the figures that a busy machine gives for the same work, the one that it
 * disturbed least.
 */
export function best(values) {
  return Math.min(...values);
}

/** Builds the Go program from Debian's packages (golang-go, golang-github-vishvananda-netlink-dev). */
export function buildGo() {
  const binary = path.join(mkdtempSync(path.join(tmpdir(), 'bench-netlink-')), 'dump');
  run('go', ['build', '-o', binary, path.join(HERE, 'go/dump.go')], {
    env: {
      ...process.env,
      GO111MODULE: 'off',
      GOPATH: '/usr/share/gocode',
      GOCACHE: path.join(tmpdir(), 'bench-netlink-go'),
      GOFLAGS: '',
    },
  });
  return binary;
}

/** Milliseconds that vishvananda/netlink takes, in its own process, once it is warm. */
export function goDump(binary, what, times, expected) {
  const lines = run(binary, [what, String(times)])
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  for (const [count] of lines) if (count < expected) throw new Error(`Go saw ${count} of ${expected} ${what}`);
  return best(lines.map(([, ms]) => ms));
}

/** Milliseconds of a whole program, its start included, as a shell would see it. */
export function program(times, command, ...args) {
  const figures = [];
  for (let i = 0; i < times; i += 1) {
    const start = performance.now();
    const result = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
    if (result.status !== 0) throw new Error(`${command}: ${result.stderr}`);
    figures.push(performance.now() - start);
  }
  return best(figures);
}

/** Milliseconds of pyroute2, measured inside so that its start does not count; Debian's python3-pyroute2. */
export function pyroute2Dump(call, times, expected) {
  const source = `
import time
from pyroute2 import IPRoute
ip = IPRoute()
for _ in range(${times}):
    start = time.perf_counter()
    found = list(${call})
    print(len(found), (time.perf_counter() - start) * 1000)
`;
  const lines = run('/usr/bin/python3', ['-c', source])
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  for (const [count] of lines) if (count < expected) throw new Error(`pyroute2 saw ${count} of ${expected}`);
  return best(lines.map(([, ms]) => ms));
}

/**
 * Receives a dump without looking at it: the same system calls in the same order, in the same language, and nothing
 * else but finding the end.
 *
 * @param {Uint8Array} message the request, as our operation sends it
 */
export function receiveOnly(message) {
  const calls = sys();
  const fd = calls.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
  const on = new Uint8Array(new Int32Array([1]).buffer);
  calls.setsockopt(fd, 270, 12, on);
  calls.setsockopt(fd, 270, 11, on);
  const request = message.slice();
  const buffer = new Uint8Array(64 * 1024);
  const words = new Uint16Array(buffer.buffer);
  const nothing = new Uint8Array(0);
  let bytes = 0;
  const start = performance.now();
  if (calls.send(fd, request, 0) < 0) throw new Error('send');
  for (;;) {
    const size = calls.recv(fd, nothing, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
    if (size === -Errno.EAGAIN) break;
    const received = calls.recv(fd, buffer, MSG_DONTWAIT);
    if (received < 0) throw new Error(`recv: ${received}`);
    bytes += received;
    // NLMSG_DONE alone in the last datagram.
    if (received < 64 && words[2] === 3) break;
  }
  const ms = performance.now() - start;
  calls.close(fd);
  return { ms, bytes };
}

/** Milliseconds that a function takes. */
export function timed(run) {
  const start = performance.now();
  run();
  return performance.now() - start;
}
