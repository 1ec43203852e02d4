import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, symlinkSync, unlinkSync } from 'node:fs';
import {
  addNamed,
  addUnnamedAsync,
  deleteNamed,
  getFromPid,
  identify,
  listNamespaces,
  listNamespacesAsync,
  openSocket,
} from 'netns-core';
import { replaceSyscalls } from 'netns-core/sys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ip, leakedFds, openFds, retryUntil, uniqueName } from '#testkit';

const LINK = uniqueName('lab');
let box: ChildProcess;
const boxPid = (): number => box.pid ?? 0;

beforeAll(async () => {
  box = spawn('unshare', ['--net', 'sleep', '600'], { stdio: 'ignore' });
  await once(box, 'spawn');
  await retryUntil(() => {
    using there = getFromPid(boxPid());
    using own = getFromPid(process.pid);
    return !there.equals(own);
  });
  symlinkSync(`/proc/${box.pid}/ns/net`, `/run/netns/${LINK}`);
});
afterAll(() => {
  unlinkSync(`/run/netns/${LINK}`);
  box.kill('SIGKILL');
});

describe('names of a namespace', () => {
  it('are those that `ip netns identify` prints, symbolic links included', () => {
    const second = uniqueName('nm');
    expect(identify({ pid: boxPid() })).toEqual([LINK]);
    expect(ip('netns', 'identify', String(box.pid)).trim()).toBe(LINK);
    expect(listNamespaces().find(({ pids }) => pids.includes(boxPid()))?.names).toEqual([LINK]);
    ip('netns', 'attach', second, String(box.pid));
    expect(identify(LINK)).toEqual([LINK, second].sort());
    // iproute2 prints one of them.
    expect([LINK, second]).toContain(ip('netns', 'identify', String(box.pid)).trim());
    deleteNamed(second);
    expect(identify({ pid: boxPid() })).toEqual([LINK]);
  });

  it('are none for a namespace without a name; what is not there is an error', async () => {
    using unnamed = await addUnnamedAsync();
    expect(identify(unnamed)).toEqual([]);
    expect(() => identify('nowhere')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });
});

describe('a namespace without a process and a file', () => {
  it('is listed while a descriptor or a socket of this process or another one holds it, with the holder', async () => {
    const name = uniqueName('held');
    const handle = addNamed(name);
    const { ino } = handle;
    const socket = openSocket({ namespace: handle, family: 'ipv4', type: 'dgram' });
    const other = spawn('sh', ['-c', `exec 7< /run/netns/${name}; echo up; exec sleep 60`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(other.stdout, 'data');
    deleteNamed(name);
    const before = openFds();
    const holders = () => listNamespaces().find((info) => info.ino === ino)?.holders;
    const ours = { pid: process.pid, fd: socket, kind: 'socket' };
    expect(holders()).toEqual(
      expect.arrayContaining([
        { pid: process.pid, fd: handle.fd, kind: 'descriptor' },
        { pid: other.pid, fd: 7, kind: 'descriptor' },
        ours,
      ]),
    );
    expect(listNamespaces({ holders: false }).some((info) => info.ino === ino)).toBe(false);
    other.kill('SIGKILL');
    await once(other, 'exit');
    handle.close();
    expect(holders()).toEqual([ours]);
    closeSync(socket);
    expect(holders()).toBeUndefined();
    expect(leakedFds(before)).toEqual([]);
  });
});

describe('a system call that fails while holders are looked for', () => {
  for (const call of ['pidfdOpen', 'pidfdGetfd', 'ioctl', 'fstat'] as const)
    it(`leaves that socket out and no descriptor behind: ${call}`, () => {
      const before = openFds();
      const restore = replaceSyscalls(() => ({ [call]: () => -1 }));
      try {
        expect(listNamespaces().some(({ pids }) => pids.includes(process.pid))).toBe(true);
      } finally {
        restore();
      }
      expect(leakedFds(before)).toEqual([]);
    });
});

describe('listNamespacesAsync', () => {
  it('tells the same and lets the event loop go on', async () => {
    let turns = 0;
    const ticker = setInterval(() => (turns += 1), 1);
    const children = Array.from({ length: 20 }, () => spawn('sleep', ['60'], { stdio: 'ignore' }));
    await Promise.all(children.map((child) => once(child, 'spawn')));
    try {
      const pids = children.map(({ pid }) => pid);
      const withAll = expect.objectContaining({ pids: expect.arrayContaining(pids) });
      expect(await listNamespacesAsync()).toContainEqual(withAll);
      expect(listNamespaces()).toContainEqual(withAll);
      expect(turns).toBeGreaterThan(0);
    } finally {
      clearInterval(ticker);
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
    }
  });
});
