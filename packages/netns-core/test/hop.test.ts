import dgram from 'node:dgram';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readlinkSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import vm from 'node:vm';
import {
  AsyncCallbackError,
  ClosedHandleError,
  Do,
  get,
  type HopEvent,
  MustDo,
  mustRunInNamespace,
  NamespaceNotFoundError,
  NetnsError,
  namespaceCookie,
  none,
  openSocket,
  resolveNamespace,
  runInNamespace,
  set,
  socketNamespaceCookie,
} from 'netns-core';
import { replaceSyscalls, sys } from 'netns-core/sys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ip, leakedFds, makeNamespaces, openFds, runProgram, uniqueName } from '#testkit';

const RED = uniqueName('red');
const BLUE = uniqueName('blue');
const here = (): string => readlinkSync('/proc/thread-self/ns/net');
/** What another process sees at the path of a name. */
const inodeOf = (name: string): string =>
  `net:[${ip('netns', 'exec', name, 'stat', '-L', '-c', '%i', '/proc/self/ns/net').trim()}]`;

let made: ReturnType<typeof makeNamespaces>;
let home: string;
let red: string;
let blue: string;

beforeAll(() => {
  made = makeNamespaces(RED, BLUE);
  home = here();
  red = inodeOf(RED);
  blue = inodeOf(BLUE);
});
afterAll(() => made.remove());

/** Counts the calls of setns(2) that `fn` makes. */
function countSetns(fn: () => void): number {
  let count = 0;
  const undo = replaceSyscalls((real) => ({
    setns: (fd, type) => {
      count += 1;
      return real.setns(fd, type);
    },
  }));
  try {
    fn();
  } finally {
    undo();
  }
  return count;
}

describe('a hop', () => {
  it('calls the function in the namespace that iproute2 knows by that name, and returns home', () => {
    expect(runInNamespace(RED, here)).toBe(red);
    expect(here()).toBe(home);
    expect(new Set([home, red, blue]).size).toBe(3);
  });

  it('passes the value of the function through, whatever it is', () => {
    const symbol = Symbol('value');
    const values = [undefined, null, 0, '', false, 1n, symbol, () => 1, [], new Map()];
    for (const value of values) expect(runInNamespace(RED, () => value)).toBe(value);
  });

  it('passes what the function throws through, whatever it is', () => {
    for (const thrown of [new Error('mine'), 'text', undefined, null, 0]) {
      let caught: unknown = 'nothing';
      try {
        runInNamespace(RED, () => {
          throw thrown;
        });
      } catch (error) {
        caught = error;
      }
      expect(caught).toBe(thrown);
      expect(here()).toBe(home);
    }
  });

  it('nests: each level returns to where it was entered from', () => {
    const seen: string[] = [];
    runInNamespace(RED, () => {
      seen.push(here());
      runInNamespace(BLUE, () => seen.push(here()));
      seen.push(here());
      runInNamespace('', () => seen.push(here()));
      expect(() =>
        runInNamespace(BLUE, () => {
          throw new Error('inner');
        }),
      ).toThrow('inner');
      seen.push(here());
    });
    expect(seen).toEqual([red, blue, red, red, red]);
    expect(here()).toBe(home);
  });

  it("makes no system call of setns for '', and two for 'default', a name, a handle, a path, a process and an fd", () => {
    using handle = resolveNamespace(RED);
    expect(countSetns(() => runInNamespace('', () => 1))).toBe(0);
    for (const ref of [
      'default',
      RED,
      handle,
      { path: `/run/netns/${RED}` },
      { pid: process.pid },
      { pid: process.pid, tid: process.pid },
      { fd: handle.fd },
      { name: RED },
      { name: RED, dir: '/var/run/netns' },
    ])
      expect(countSetns(() => runInNamespace(ref, () => 1))).toBe(2);
  });

  it("takes 'default' for the namespace the process started in, unless one has that name", () => {
    runInNamespace(RED, () => expect(runInNamespace('default', here)).toBe(home));
    const named = makeNamespaces('default');
    try {
      expect(runInNamespace('default', here)).not.toBe(home);
    } finally {
      named.remove();
    }
    expect(runInNamespace('default', here)).toBe(home);
  });

  it('has the names of goarista, too', () => {
    expect(Do(RED, here)).toBe(red);
    expect(MustDo(RED, here)).toBe(red);
    expect(mustRunInNamespace(RED, here)).toBe(red);
  });

  it('returns to where the thread was at entry, also after set, and when the function itself moved the thread', () => {
    using start = get();
    using redHandle = resolveNamespace(RED);
    using blueHandle = resolveNamespace(BLUE);
    set(redHandle);
    try {
      expect(runInNamespace(BLUE, here)).toBe(blue);
      expect(here()).toBe(red);
      runInNamespace(BLUE, () => set(start));
      expect(here()).toBe(red);
      runInNamespace('default', () => expect(here()).toBe(home));
      expect(here()).toBe(red);
    } finally {
      set(start);
    }
    runInNamespace(RED, () => set(blueHandle));
    expect(here()).toBe(home);
  });

  it('leaves no file descriptor and closes none of the function, which has the same numbers, where that throws', () => {
    const opened: number[] = [];
    expect(() =>
      runInNamespace(RED, () => {
        for (let count = 0; count < 4; count += 1) opened.push(openSync('/dev/null', 'r'));
        throw new Error('mine');
      }),
    ).toThrow('mine');
    for (const fd of opened) {
      expect(readlinkSync(`/proc/self/fd/${fd}`)).toBe('/dev/null');
      closeSync(fd);
    }
  });

  it('leaves no file descriptor, on success and on every kind of failure', () => {
    runInNamespace(RED, () => 1);
    using handle = resolveNamespace(RED);
    const before = openFds();
    for (const ref of [RED, handle, 'default', { pid: process.pid }, { fd: handle.fd }]) {
      runInNamespace(ref, () => 1);
      expect(() =>
        runInNamespace(ref, () => {
          throw new Error('mine');
        }),
      ).toThrow('mine');
      expect(() => runInNamespace(ref, () => Promise.resolve())).toThrow(AsyncCallbackError);
    }
    expect(() => runInNamespace('no-such-name', () => 1)).toThrow(NamespaceNotFoundError);
    expect(() => runInNamespace({ path: '/etc/passwd' }, () => 1)).toThrow(NetnsError);
    expect(leakedFds(before)).toEqual([]);
  });

  it('closes nothing that the function opened before it threw', () => {
    const opened: number[] = [];
    expect(() =>
      runInNamespace(RED, () => {
        // They get the numbers that the hop has used and given back.
        for (let count = 0; count < 3; count += 1) opened.push(openSync('/dev/null', 'r'));
        throw new Error('mine');
      }),
    ).toThrow('mine');
    for (const fd of opened) {
      expect(fstatSync(fd).isCharacterDevice()).toBe(true);
      closeSync(fd);
    }
  });

  it('comes home also when what it keeps was closed by other code, and its number is now of another process', async () => {
    const result = await runProgram(
      `const { readdirSync, readlinkSync } = require('node:fs');
      const { runInNamespace, spawnInNamespace } = require('netns-core');
      const { sys } = require('netns-core/sys');
      const home = readlinkSync('/proc/thread-self/ns/net');
      const kept = () => readdirSync('/proc/self/fd').filter((fd) => {
        try { return readlinkSync('/proc/self/fd/' + fd).includes('pidfd'); } catch { return false; }
      }).map(Number);
      runInNamespace('${RED}', () => 1);
      const places = [];
      const stranger = spawnInNamespace('${RED}', 'sleep', ['60']);
      for (const takeOver of [
        (fd) => { sys().close(fd); const other = sys().pidfdOpen(stranger.pid, 0); if (other !== fd) { sys().dup3(other, fd, 0); sys().close(other); } },
        (fd) => { sys().close(fd); sys().dup3(0, fd, 0); },
        (fd) => { sys().close(fd); },
      ]) {
        for (const fd of kept()) takeOver(fd);
        for (let i = 0; i < 2; i += 1) {
          const inside = runInNamespace('${RED}', () => readlinkSync('/proc/thread-self/ns/net'));
          places.push([inside !== home, readlinkSync('/proc/thread-self/ns/net') === home]);
        }
      }
      stranger.kill();
      console.log(JSON.stringify(places));`,
      { type: 'commonjs' },
    );
    expect(result.stderr).toBe('');
    expect(JSON.parse(result.stdout)).toEqual(Array.from({ length: 6 }, () => [true, true]));
  });

  it('never calls the function when the namespace cannot be entered', () => {
    let called = false;
    const fn = (): void => {
      called = true;
    };
    for (const ref of ['no-such-name', '../x', { path: '/etc/passwd' }, { pid: 0x7fffffff }, { fd: 99999 }, none()])
      expect(() => runInNamespace(ref, fn)).toThrow(NetnsError);
    expect(() => runInNamespace(none(), fn)).toThrow(ClosedHandleError);
    expect(called).toBe(false);
  });

  it('refuses what is not a function, and an option it does not know', () => {
    // @ts-expect-error the compiler refuses it, too
    expect(() => runInNamespace(RED, 'text')).toThrow(/a function is expected, not string/);
    // @ts-expect-error the compiler refuses it, too
    expect(() => runInNamespace(RED, () => 1, { onRestoreFailure: 'thow' })).toThrow(/'abort' or 'throw', got 'thow'/);
  });

  it('reports itself on diagnostics_channel when there is a subscriber', () => {
    const events: HopEvent[] = [];
    const listen = (event: unknown): void => {
      events.push(event as HopEvent);
    };
    subscribe('netns-core:hop', listen);
    const start = process.hrtime.bigint();
    try {
      runInNamespace(RED, () => 1);
      expect(() =>
        runInNamespace(RED, () => {
          throw new Error('mine');
        }),
      ).toThrow('mine');
    } finally {
      unsubscribe('netns-core:hop', listen);
    }
    expect(events).toHaveLength(2);
    expect(events[0]).toMatchObject({ namespace: RED });
    for (const { duration } of events) expect(duration).toBeGreaterThan(0n);
    // No longer than both took together.
    expect((events[0]?.duration ?? 0n) + (events[1]?.duration ?? 0n)).toBeLessThan(process.hrtime.bigint() - start);
    expect(events[0]).not.toHaveProperty('error');
    expect(events[1]?.error).toMatchObject({ message: 'mine' });
  });
});

it('a hop is published for openSocket too, where that enters a namespace', () => {
  const events: HopEvent[] = [];
  const listen = (event: unknown): void => {
    events.push(event as HopEvent);
  };
  subscribe('netns-core:hop', listen);
  try {
    for (const namespace of [RED, '']) sys().close(openSocket({ namespace, family: 'ipv4', type: 'stream' }));
  } finally {
    unsubscribe('netns-core:hop', listen);
  }
  expect(events.map(({ namespace }) => namespace)).toEqual([RED]);
});

describe('work that would be done after the hop', () => {
  it('is refused as an asynchronous or generator function before it is called', () => {
    let called = 0;
    const functions = [
      async () => {
        called += 1;
      },
      async function* () {
        called += 1;
        yield 1;
      },
      function* () {
        called += 1;
        yield 1;
      },
      vm.runInNewContext('(async () => {})') as () => unknown,
    ];
    for (const where of [RED, ''])
      for (const fn of functions)
        expect(() => runInNamespace<unknown>(where, fn)).toThrow(
          expect.objectContaining({ code: 'ERR_ASYNC_CALLBACK', name: 'AsyncCallbackError' }),
        );
    expect(called).toBe(0);
    expect(here()).toBe(home);
  });

  it('is refused as a promise, a thenable or a generator that the function returns, after coming home', async () => {
    const unhandled: unknown[] = [];
    const listen = (error: unknown): void => {
      unhandled.push(error);
    };
    process.on('unhandledRejection', listen);
    let thenCalled = false;
    const results: (() => unknown)[] = [
      () => Promise.resolve(1),
      () => Promise.reject(new Error('never seen')),
      () => vm.runInNewContext('Promise.reject(new Error("of another realm"))') as unknown,
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: that is what is refused
        then() {
          thenCalled = true;
        },
      }),
      // biome-ignore lint/suspicious/noThenProperty: a function can be thenable, too
      () => Object.assign(() => 1, { then() {} }),
      () =>
        (function* () {
          yield 1;
        })(),
    ];
    for (const where of [RED, ''])
      for (const fn of results) {
        expect(() => runInNamespace(where, fn)).toThrow(AsyncCallbackError);
        expect(here()).toBe(home);
      }
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off('unhandledRejection', listen);
    expect(thenCalled).toBe(false);
    expect(unhandled).toEqual([]);
  });

  it("is refused as one of Node's objects that has no socket yet, which is destroyed", async () => {
    const objects: Record<string, () => net.Socket | net.Server | dgram.Socket | http.ClientRequest> = {
      'net.Socket': () => new net.Socket(),
      'net.Socket that connects': () => net.connect(9, '127.0.0.1'),
      'net.Socket by name': () => net.connect(9, 'localhost'),
      'net.Server': () => net.createServer(),
      'net.Server that listens on a host': () => net.createServer().listen(0, '127.0.0.1'),
      'http.Server': () => http.createServer(),
      'dgram.Socket': () => dgram.createSocket('udp4'),
      'dgram.Socket that binds': () => dgram.createSocket('udp4').bind(0, '127.0.0.1'),
      'http.ClientRequest': () => http.get('http://127.0.0.1:9/'),
    };
    for (const where of [RED, ''])
      for (const [kind, make] of Object.entries(objects)) {
        let object: ReturnType<typeof make> | undefined;
        expect(() =>
          runInNamespace(where, () => {
            object = make();
            return object;
          }),
        ).toThrow(/returned a (net|dgram|http)\.(Socket|Server|ClientRequest) that has no socket yet/);
        expect(here()).toBe(home);
        if (object instanceof net.Socket || object instanceof http.ClientRequest)
          expect(object.destroyed, kind).toBe(true);
        if (object instanceof net.Server) {
          const server = object;
          // Long enough for its host to be looked up.
          await new Promise((resolve) => setTimeout(resolve, 30));
          expect(server.listening, kind).toBe(false);
        }
        if (object instanceof dgram.Socket) {
          const socket = object;
          expect(() => socket.address(), kind).toThrow();
        }
      }
  });

  it('is stopped when it was begun by the function that is refused, and not when by one before it', async () => {
    const server = net.createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    const refuse = (): void => expect(() => runInNamespace(RED, () => Promise.resolve())).toThrow(AsyncCallbackError);
    for (const where of [RED, ''])
      for (const throws of [false, true]) {
        let begun: net.Socket | undefined;
        const begin = (): void => {
          begun = net.connect(port, '127.0.0.1');
          if (throws) throw new Error('mine');
        };
        if (throws) expect(() => runInNamespace(where, begin)).toThrow('mine');
        else runInNamespace(where, begin);
        refuse();
        if (begun === undefined) throw new Error('nothing was begun');
        expect(begun.destroyed).toBe(false);
        await once(begun, 'connect');
        begun.destroy();
        expect(() =>
          runInNamespace(where, () => {
            begin();
            return Promise.resolve();
          }),
        ).toThrow(throws ? 'mine' : AsyncCallbackError);
        expect(begun.destroyed).toBe(!throws);
        begun.on('error', () => {}).destroy();
      }
    server.close();
  });

  it('is refused as an http2 session that has yet to connect', async () => {
    let session: http2.ClientHttp2Session | undefined;
    expect(() =>
      runInNamespace(RED, () => {
        session = http2.connect('http://127.0.0.1:9');
        return session;
      }),
    ).toThrow(/http2 session/);
    expect(session?.destroyed).toBe(true);
  });

  it("is refused as a cluster worker's server, which would listen in the primary, at home; it never does", async () => {
    const result = await runProgram(
      `import cluster from 'node:cluster';
      import net from 'node:net';
      import { runInNamespace } from 'netns-core';
      if (cluster.isPrimary) cluster.fork();
      else {
        const server = net.createServer();
        try { runInNamespace('${RED}', () => server.listen(0)); } catch (error) { console.log(error.name, error.message.includes('net.Server')); }
        setTimeout(() => { console.log(server.listening); process.exit(); }, 500);
      }`,
    );
    expect(result).toMatchObject({ stderr: '', stdout: 'AsyncCallbackError true\nfalse\n' });
  });
});

describe('what the function made at once', () => {
  it('is accepted: a file descriptor, and the objects of Node that were given one', async () => {
    const cookie = namespaceCookie(RED);
    const fd = runInNamespace(RED, () => openSocket({ family: 'ipv4', type: 'stream' }));
    expect(socketNamespaceCookie(fd)).toBe(cookie);
    expect(cookie).not.toBe(namespaceCookie(''));

    const socket = runInNamespace(RED, () => new net.Socket({ fd }));
    expect(socket).toBeInstanceOf(net.Socket);
    socket.destroy();

    const server = runInNamespace(RED, () => net.createServer().listen(0));
    if (!server.listening) await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    // Another process looks for the listener: in the namespace, and at home.
    expect(ip('netns', 'exec', RED, 'cat', '/proc/net/tcp6')).toContain(
      `:${port.toString(16).toUpperCase().padStart(4, '0')} `,
    );
    server.close();

    const udp = runInNamespace(RED, () =>
      dgram.createSocket('udp4').bind({ fd: openSocket({ family: 'ipv4', type: 'dgram' }) }),
    );
    expect(udp).toBeInstanceOf(dgram.Socket);
    expect(udp.address().family).toBe('IPv4');
    udp.close();

    const listening = runInNamespace(RED, () =>
      net.createServer().listen({ fd: openSocket({ family: 'ipv4', type: 'stream' }) }),
    );
    expect(listening.listening).toBe(true);
    listening.close();
  });

  it('carries connections inside the namespace, none at home', async () => {
    const fd = openSocket({ namespace: RED, family: 'ipv4', type: 'stream' });
    const server = net.createServer((socket) => socket.end('from red'));
    server.listen({ fd });
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    const client = new net.Socket({ fd: openSocket({ namespace: RED, family: 'ipv4', type: 'stream' }) });
    client.connect(port, '127.0.0.1');
    let text = '';
    for await (const chunk of client) text += chunk;
    expect(text).toBe('from red');
    const stranger = net.connect(port, '127.0.0.1');
    const [error] = (await once(stranger, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
    server.close();
  });
});

describe('inside a worker thread', () => {
  it('hops that thread alone, and returns to where that thread was', async () => {
    const result = await runProgram(
      `
      import { Worker, isMainThread, parentPort } from 'node:worker_threads';
      import { closeSync, fstatSync, openSync, readlinkSync } from 'node:fs';
      import { runInNamespace, set, resolveNamespace } from 'netns-core';
      const here = () => readlinkSync('/proc/thread-self/ns/net');
      if (isMainThread) {
        const worker = new Worker(new URL(import.meta.url));
        const home = here();
        worker.on('message', (message) => {
          console.log(JSON.stringify({ home, main: here(), ...message }));
        });
      } else {
        const before = here();
        const inside = runInNamespace('${RED}', () => [here(), runInNamespace('${BLUE}', here), readlinkSync('/proc/self/ns/net'), runInNamespace('default', here)]);
        const after = here();
        set(resolveNamespace('${BLUE}'));
        const nested = runInNamespace('${RED}', here);
        parentPort.postMessage({ before, inside, after, nested, last: here() });
      }
      `,
    );
    expect(result.stderr).toBe('');
    expect(JSON.parse(result.stdout)).toEqual({
      home,
      main: home,
      before: home,
      inside: [red, blue, home, home],
      after: home,
      nested: red,
      last: blue,
    });
  });
});

describe('a thread that cannot return', () => {
  it("throws with 'throw', gives what the function gave, and refuses everything afterwards", async () => {
    const result = await runProgram(
      `
      import * as core from 'netns-core';
      import { replaceSyscalls, sys } from 'netns-core/sys';
      const fail = () => replaceSyscalls((real) => {
        let count = 0;
        return { setns: (fd, type) => (++count === 2 ? -1 : real.setns(fd, type)) };
      });
      const handle = core.resolveNamespace('${RED}');
      const out = {};
      const undo = fail();
      try {
        core.runInNamespace('${RED}', () => 42, { onRestoreFailure: 'throw' });
      } catch (error) {
        out.first = { name: error.name, code: error.code, syscall: error.syscall, errno: error.errno, result: error.result,
          instance: error instanceof core.NamespaceRestoreError && error instanceof core.NetnsError, message: error.message };
      }
      undo();
      out.poisoned = core.isThreadPoisoned();
      const calls = {
        runInNamespace: () => core.runInNamespace('', () => 1),
        mustRunInNamespace: () => core.mustRunInNamespace('${RED}', () => 1),
        get: () => core.get(), getFromName: () => core.getFromName('${RED}'), getFromPath: () => core.getFromPath('/run/netns/${RED}'),
        getFromPid: () => core.getFromPid(process.pid), getFromThread: () => core.getFromThread(process.pid, process.pid),
        resolveNamespace: () => core.resolveNamespace(handle), set: () => core.set(handle), setns: () => core.setns(handle, 0),
        newNetns: () => core.newNetns(), newNamed: () => core.newNamed('x'), addNamed: () => core.addNamed('x'),
        deleteNamed: () => core.deleteNamed('${RED}'), listNamed: () => core.listNamed(), listNamespaces: () => core.listNamespaces(),
        openSocket: () => core.openSocket({ family: 'ipv4', type: 'stream' }), namespaceCookie: () => core.namespaceCookie(''),
        spawnInNamespace: () => core.spawnInNamespace('${RED}', 'true'), watchNamed: () => core.watchNamed(),
        NamespaceWorker: () => new core.NamespaceWorker('${RED}', '0', { eval: true }),
      };
      out.refused = Object.entries(calls).filter(([, call]) => {
        try { call(); return true; } catch (error) { return !(error instanceof core.PoisonedThreadError && error.code === 'ERR_POISONED_THREAD'); }
      }).map(([name]) => name);
      handle.close();
      out.closed = handle.isOpen();
      console.log(JSON.stringify(out));
      `,
    );
    expect(result.stderr).toBe('');
    const out = JSON.parse(result.stdout) as Record<string, unknown>;
    expect(out.first).toMatchObject({
      name: 'NamespaceRestoreError',
      code: 'ERR_NAMESPACE_RESTORE',
      syscall: 'setns',
      errno: 1,
      result: 42,
      instance: true,
    });
    expect(out.poisoned).toBe(true);
    expect(out.refused).toEqual([]);
    expect(out.closed).toBe(false);
  });

  it("carries the function's own error with 'throw', as error and as cause", async () => {
    const result = await runProgram(
      `
      import * as core from 'netns-core';
      import { replaceSyscalls, sys } from 'netns-core/sys';
      let count = 0;
      replaceSyscalls((real) => ({ setns: (fd, type) => (++count === 2 ? -1 : real.setns(fd, type)) }));
      try {
        core.runInNamespace('${RED}', () => { throw new Error('mine'); }, { onRestoreFailure: 'throw' });
      } catch (error) {
        console.log(error.name, error.error.message, error.cause.message, 'result' in error && error.result !== undefined);
      }
      `,
    );
    expect(result.stdout).toBe('NamespaceRestoreError mine mine false\n');
  });

  it('poisons that thread alone', async () => {
    const result = await runProgram(
      `
      import { Worker, isMainThread, parentPort } from 'node:worker_threads';
      import * as core from 'netns-core';
      import { replaceSyscalls, sys } from 'netns-core/sys';
      if (isMainThread) {
        const worker = new Worker(new URL(import.meta.url));
        worker.on('message', (poisoned) => console.log(poisoned, core.isThreadPoisoned(), core.runInNamespace('${RED}', () => 'fine')));
      } else {
        let count = 0;
        replaceSyscalls((real) => ({ setns: (fd, type) => (++count === 2 ? -1 : real.setns(fd, type)) }));
        try { core.runInNamespace('${RED}', () => 1, { onRestoreFailure: 'throw' }); } catch {}
        parentPort.postMessage(core.isThreadPoisoned());
      }
      `,
    );
    expect(result.stdout).toBe('true false fine\n');
  });
});
