import { readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import type * as NetnsCore from 'netns-core';
import type * as Sys from 'netns-core/sys';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  actAs,
  ip,
  KERNELS_WITHOUT_COOKIES,
  leakedFds,
  makeNamespaces,
  OLDER_KERNELS,
  openFds,
  uniqueName,
} from '#testkit';

const [RED, BLUE] = [uniqueName('red'), uniqueName('blue')];
const here = (): string => readlinkSync('/proc/thread-self/ns/net');
const of = (name: string): string => `net:[${statSync(`/run/netns/${name}`).ino}]`;
let made: ReturnType<typeof makeNamespaces>;

beforeAll(() => {
  made = makeNamespaces(RED, BLUE);
});
afterAll(() => made.remove());

describe.each(OLDER_KERNELS)('on %s', (kernel) => {
  let core: typeof NetnsCore;
  let calls: typeof Sys;
  let newer: () => void;
  const home = here();

  beforeEach(async () => {
    // What a kernel lacks is remembered for the life of the process: each kernel gets a copy of its own.
    vi.resetModules();
    calls = await import('netns-core/sys');
    newer = actAs(kernel, calls.replaceSyscalls);
    core = await import('netns-core');
    // What is kept open from the first hop on.
    core.runInNamespace(RED, () => {});
  });
  afterEach(() => {
    newer();
    expect(here()).toBe(home);
  });

  it('a hop enters the namespace and comes home, also from within another, and after an exception', () => {
    const before = openFds();
    const seen: string[] = [];
    core.runInNamespace(RED, () => {
      seen.push(here());
      core.runInNamespace(BLUE, () => seen.push(here()));
      core.runInNamespace('default', () => seen.push(here()));
      seen.push(here());
      expect(() =>
        core.runInNamespace(BLUE, () => {
          throw new Error('thrown inside');
        }),
      ).toThrow('thrown inside');
      seen.push(here());
    });
    expect(seen).toEqual([of(RED), of(BLUE), home, of(RED), of(RED)]);
    expect(here()).toBe(home);
    expect(leakedFds(before)).toEqual([]);
  });

  it('a thread that was moved by set and back by set is where it was', () => {
    const before = openFds();
    const start = core.get();
    const red = core.getFromName(RED);
    core.set(red);
    try {
      expect(here()).toBe(of(RED));
      core.runInNamespace(BLUE, () => expect(here()).toBe(of(BLUE)));
      expect(here()).toBe(of(RED));
    } finally {
      core.set(start);
      start.close();
      red.close();
    }
    expect(leakedFds(before)).toEqual([]);
  });

  it('sockets belong to their namespace, as the kernel lists them', () => {
    const fd = core.openSocket({ namespace: RED, family: 'ipv4', type: 'stream' });
    try {
      expect(core.socketNamespaceCookie(fd) === undefined).toBe(KERNELS_WITHOUT_COOKIES.includes(kernel));
      const before = openFds();
      expect(core.namespaceCookie(RED) === undefined).toBe(KERNELS_WITHOUT_COOKIES.includes(kernel));
      expect(leakedFds(before)).toEqual([]);
      calls.sys().listen(fd, 1);
      const inode = String(statSync(`/proc/self/fd/${fd}`).ino);
      const listed = (name: string): string => ip('netns', 'exec', name, 'cat', '/proc/net/tcp');
      expect(listed(RED)).toContain(` ${inode} `);
      expect(listed(BLUE)).not.toContain(` ${inode} `);
      expect(readFileSync('/proc/thread-self/net/tcp', 'utf8')).not.toContain(` ${inode} `);
    } finally {
      calls.sys().close(fd);
    }
  });

  it('what is not a network namespace is refused, and the thread is home', () => {
    const file = `/run/plain-${process.pid}`;
    writeFileSync(file, 'plain');
    const before = openFds();
    for (const path of [file, '/proc/self/ns/mnt', '/proc/self/ns/uts', '/proc/self/status', '/run']) {
      let entered = false;
      expect(() =>
        core.runInNamespace({ path }, () => {
          entered = true;
        }),
      ).toThrow(core.NetnsError);
      expect(entered, path).toBe(false);
      expect(here()).toBe(home);
    }
    expect(leakedFds(before)).toEqual([]);
  });

  it('a named namespace is made, listed, found and deleted', () => {
    const name = uniqueName('made');
    const before = openFds();
    core.addNamed(name).close();
    try {
      expect(here()).toBe(home);
      expect(ip('netns', 'list')).toContain(name);
      expect(core.listNamed()).toContain(name);
      core.runInNamespace(name, () => expect(here()).toBe(of(name)));
    } finally {
      core.deleteNamed(name);
    }
    expect(ip('netns', 'list')).not.toContain(name);
    expect(leakedFds(before)).toEqual([]);
  });
});
