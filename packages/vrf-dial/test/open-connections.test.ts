import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { referenceIdentity } from 'netns-core/identity';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeNamespaces, openFds, retryUntil, uniqueName } from '#testkit';
import { Cancellation } from '../src/cancellation.ts';
import { counters } from '../src/diagnostics.ts';
import {
  NamespaceReplacedError,
  OpenConnections,
  type OpenConnectionsOptions,
} from '../src/replacement/open-connections.ts';
import { tcpHandleOf } from '../src/socket/tcp-handle.ts';
import { resolveTarget, type VrfTarget } from '../src/target/target.ts';

// Connections of loopback, of which the test says in which namespace they are; the name and the namespaces are real.
const [RED, BLUE] = [uniqueName('red'), uniqueName('blue')];
let made: ReturnType<typeof makeNamespaces>;
let folder: string;
let path: string;
let server: Server;
let accepted: Socket[] = [];
let sockets: Socket[] = [];

beforeAll(async () => {
  made = makeNamespaces(RED, BLUE);
  folder = mkdtempSync('/run/connections-');
  server = net.createServer((socket) => accepted.push(socket.on('error', () => {}))).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
  made.remove();
});
beforeEach(() => {
  // Another one each time: what a name means is known to all who ask.
  path = `${folder}/${uniqueName()}`;
  point(RED);
});
afterEach(() => {
  for (const socket of [...sockets, ...accepted]) socket.destroy();
  sockets = [];
  accepted = [];
});

function point(to: string): void {
  symlinkSync(to === 'itself' ? path : `/run/netns/${to}`, `${path}.new`);
  renameSync(`${path}.new`, path);
}

function namespaceOf(name: string): { key: string; id: string } {
  const id = referenceIdentity(name)?.id ?? 'none';
  return { key: id, id };
}

const connectionsTo = (target: Partial<VrfTarget> = {}, options: OpenConnectionsOptions = {}): OpenConnections =>
  new OpenConnections(resolveTarget({ namespace: { path }, ...target } as VrfTarget), options);

/** A connection that has been made and given to a client, which has a request on it unless it is idle. */
async function connect(
  connections: OpenConnections,
  { name = RED, idle = false, listener = true }: { name?: string | undefined; idle?: boolean; listener?: boolean } = {},
): Promise<{ socket: Socket; errors: unknown[] }> {
  const errors: unknown[] = [];
  const { port } = server.address() as AddressInfo;
  const socket = await connections.make(Number.POSITIVE_INFINITY, async () => {
    const one = net.connect(port, '127.0.0.1');
    await once(one, 'connect');
    connections.track(one, { namespace: name === '' ? undefined : namespaceOf(name), handle: tcpHandleOf(one) });
    return one;
  });
  sockets.push(socket);
  if (listener) socket.on('error', (error) => errors.push(error));
  if (idle) socket.unref();
  return { socket, errors };
}

/** Whether this process has a watch of inotify, as while a name is in use. */
const inUse = (): boolean =>
  [...openFds()].some(
    ([fd, target]) =>
      target === 'anon_inode:inotify' && readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8').includes('inotify wd'),
  );

describe('a connection that is being made', () => {
  it('is begun again when the namespace was replaced, 20 times at most', async () => {
    const connections = connectionsTo();
    let attempts = 0;
    const after = (failures: number): Promise<string> =>
      connections.make(Number.POSITIVE_INFINITY, async () => {
        attempts += 1;
        if (attempts <= failures) throw new NamespaceReplacedError('it');
        return 'made';
      });
    expect(await after(19)).toBe('made');
    expect(attempts).toBe(20);
    attempts = 0;
    await expect(after(100)).rejects.toBeInstanceOf(NamespaceReplacedError);
    expect(attempts).toBe(20);
  });

  it('is not begun again once its time is over, nor after any other failure', async () => {
    const connections = connectionsTo();
    let attempts = 0;
    const failing = (error: Error, until: number): Promise<unknown> =>
      connections.make(until, async () => {
        attempts += 1;
        await delay(5);
        throw error;
      });
    await expect(failing(new NamespaceReplacedError('it'), performance.now())).rejects.toThrow('it was removed');
    expect(attempts).toBe(1);
    await expect(failing(new Error('mine'), Number.POSITIVE_INFINITY)).rejects.toThrow('mine');
    expect(attempts).toBe(2);
  });

  it('ends with the cancellation around it, before and between attempts too', async () => {
    const connections = connectionsTo();
    const outer = new Cancellation();
    const inner: Cancellation[] = [];
    const running = connections.make(
      Number.POSITIVE_INFINITY,
      ({ cancellation }) =>
        new Promise((_, reject) => {
          inner.push(cancellation);
          cancellation.onCancel(reject);
        }),
      outer,
    );
    outer.cancel(new NamespaceReplacedError('outer'));
    await expect(running).rejects.toThrow('outer was removed');
    expect(inner.map(({ cancelled }) => cancelled)).toEqual([true]);
    const connect = vi.fn();
    await expect(connections.make(Number.POSITIVE_INFINITY, connect, outer)).rejects.toThrow('outer was removed');
    expect(connect).not.toHaveBeenCalled();
  });

  it('that has ended is not cancelled by the cancellation that was around it', async () => {
    const connections = connectionsTo();
    const outer = new Cancellation();
    const pending = await connections.make(Number.POSITIVE_INFINITY, async (one) => one, outer);
    outer.cancel(new Error('late'));
    expect(pending.cancellation.cancelled).toBe(false);
  });

  it('is ended by cancelPending, and no other is', async () => {
    const connections = connectionsTo();
    const ended = await connections.make(Number.POSITIVE_INFINITY, async (one) => one);
    const running = [1, 2].map(() =>
      connections.make(
        Number.POSITIVE_INFINITY,
        ({ cancellation }) => new Promise((_, reject) => cancellation.onCancel(reject)),
      ),
    );
    connections.cancelPending(new Error('closed'));
    for (const one of running) await expect(one).rejects.toThrow('closed');
    expect(ended.cancellation.cancelled).toBe(false);
  });

  it('is cancelled when the name comes to mean another namespace than at its beginning, and begun again', async () => {
    const connections = connectionsTo();
    const seen: unknown[] = [];
    const result = await connections.make(Number.POSITIVE_INFINITY, async ({ cancellation, observer }) => {
      observer?.entering();
      if (seen.length > 0) return 'made';
      const cancelled = new Promise((_, reject) => cancellation.onCancel(reject));
      point(BLUE);
      await cancelled.catch((error: unknown) => {
        seen.push(error);
        throw error;
      });
      return 'never';
    });
    expect(result).toBe('made');
    expect(seen).toEqual([expect.any(NamespaceReplacedError)]);
    expect(connections.size).toBe(0);
  });

  it('is not cancelled before it has entered the namespace, nor while it waits for it', async () => {
    const connections = connectionsTo();
    const result = await connections.make(Number.POSITIVE_INFINITY, async ({ cancellation, observer }) => {
      point(BLUE);
      await delay(60);
      observer?.entering();
      observer?.waiting();
      point(RED);
      await delay(60);
      return cancellation.cancelled;
    });
    expect(result).toBe(false);
  });

  it('fails if its sockets are in different namespaces', async () => {
    const connections = connectionsTo();
    const [red, blue] = [namespaceOf(RED), namespaceOf(BLUE)];
    let attempts = 0;
    await connections.make(Number.POSITIVE_INFINITY, async ({ cancellation, observer }) => {
      attempts += 1;
      observer?.opened(attempts === 1 ? red : blue);
      observer?.opened(attempts === 1 ? red : blue);
      if (attempts > 1) return;
      expect(() => observer?.opened(blue)).toThrow(NamespaceReplacedError);
      expect(cancellation.reason).toBeInstanceOf(NamespaceReplacedError);
      throw cancellation.reason;
    });
    expect(attempts).toBe(2);
  });

  it('takes a socket whose namespace the name does not mean any more for one of another', async () => {
    const connections = connectionsTo();
    await connections.make(Number.POSITIVE_INFINITY, async ({ observer }) => {
      expect(() => observer?.opened({ key: 'gone', id: undefined })).toThrow(NamespaceReplacedError);
      // What the name means now is what counts from here on.
      observer?.opened(namespaceOf(RED));
    });
  });

  it('has nothing to observe where the target cannot be replaced', async () => {
    const connections = connectionsTo({ namespace: '' });
    const pending = await connections.make(Number.POSITIVE_INFINITY, async (one) => one);
    expect(pending.observer).toBeUndefined();
    connections.check(namespaceOf(BLUE));
    connections.verify();
  });
});

describe('the check of a connection that was made', () => {
  it('passes in the namespace that the name means at that moment, not a few milliseconds before', () => {
    const connections = connectionsTo();
    connections.check(namespaceOf(RED));
    expect(() => connections.check(namespaceOf(BLUE))).toThrow(NamespaceReplacedError);
    expect(() => connections.check(undefined)).toThrow(NamespaceReplacedError);
    point(BLUE);
    connections.check(namespaceOf(BLUE));
    expect(() => connections.check(namespaceOf(RED))).toThrow(NamespaceReplacedError);
  });

  it('passes while it cannot be found out what the name means', () => {
    point('itself');
    connectionsTo().check(namespaceOf(RED));
  });
});

describe('connections of a namespace that is replaced', () => {
  it('are dropped if they are idle, and wait for the end of their request otherwise', async () => {
    const connections = connectionsTo();
    const [idle, busy] = [await connect(connections, { idle: true }), await connect(connections)];
    expect(connections.size).toBe(2);
    expect([connections.isStale(idle.socket), connections.isStale(busy.socket)]).toEqual([false, false]);
    point(BLUE);
    await retryUntil(() => idle.socket.destroyed);
    expect(busy.socket.destroyed).toBe(false);
    expect([connections.isStale(idle.socket), connections.isStale(busy.socket)]).toEqual([true, true]);
    const fresh = await connect(connections, { name: BLUE });
    expect(connections.isStale(fresh.socket)).toBe(false);
    await delay(60);
    expect(busy.socket.destroyed).toBe(false);
    expect(busy.socket.unref()).toBe(busy.socket);
    expect(busy.socket.destroyed).toBe(true);
    await retryUntil(() => connections.size === 1);
    expect([idle, busy].map(({ errors }) => errors)).toEqual([
      [expect.objectContaining({ code: 'UND_ERR_INFO', message: expect.stringContaining('was removed or replaced') })],
      [expect.objectContaining({ code: 'UND_ERR_INFO' })],
    ]);
    expect(fresh.socket.destroyed).toBe(false);
  });

  it('are dropped when the client lets go of the TCP connection below its own TLS', async () => {
    const connections = connectionsTo();
    const { socket } = await connect(connections);
    point(BLUE);
    await retryUntil(() => connections.isStale(socket));
    tcpHandleOf(socket)?.unref?.();
    expect(socket.destroyed).toBe(true);
  });

  it('end at once with a named error, if they are to be aborted', async () => {
    const connections = connectionsTo({ onReplaced: 'abort' });
    const [busy, silent] = [await connect(connections), await connect(connections, { listener: false })];
    point(BLUE);
    await retryUntil(() => busy.socket.destroyed && silent.socket.destroyed);
    await delay(5);
    expect(busy.errors).toEqual([expect.any(NamespaceReplacedError)]);
    expect(busy.errors).toEqual([expect.objectContaining({ code: 'ERR_NAMESPACE_REPLACED' })]);
  });

  it('are those whose namespace is not known, too', async () => {
    const connections = connectionsTo();
    const { socket } = await connect(connections, { name: '', idle: true });
    point(BLUE);
    await retryUntil(() => socket.destroyed);
  });

  it.each([
    ['cut', true, 'ERR_NAMESPACE_REPLACED'],
    ['idle', true, 'UND_ERR_INFO'],
    ['busy', false, ''],
    [undefined, false, ''],
  ] as const)('end as the client says: %s', async (told, ends, code) => {
    const asked: Socket[] = [];
    const connections = connectionsTo(
      {},
      {
        endAfterRequest: (socket) => {
          asked.push(socket);
          return told;
        },
      },
    );
    const [busy, idle] = [await connect(connections), await connect(connections, { idle: true })];
    point(BLUE);
    await retryUntil(() => idle.socket.destroyed);
    await delay(5);
    expect(asked).toEqual([busy.socket]);
    expect(busy.socket.destroyed).toBe(ends);
    expect(busy.errors.map((error) => (error as NodeJS.ErrnoException).code)).toEqual(ends ? [code] : []);
    busy.socket.unref();
    expect(busy.socket.destroyed).toBe(true);
  });

  it('are dropped if no client has been given them yet', async () => {
    const connections = connectionsTo({}, { checksUse: true });
    const [unclaimed, busy] = [await connect(connections, { listener: false }), await connect(connections)];
    point(BLUE);
    await retryUntil(() => unclaimed.socket.destroyed);
    expect(busy.socket.destroyed).toBe(false);
    // Where the client does not tell by a listener, it may have been given it.
    const others = connectionsTo();
    const { socket } = await connect(others, { listener: false, name: BLUE });
    point(RED);
    await retryUntil(() => others.isStale(socket));
    expect(socket.destroyed).toBe(false);
  });

  it('are told of once: to the client first, by the counters, the channel and the logger', async () => {
    const order: string[] = [];
    const published: unknown[] = [];
    const onMessage = (message: unknown): void => {
      order.push('channel');
      published.push(message);
    };
    const connections = connectionsTo(
      {},
      {
        replaced: (error) =>
          order.push(`client: ${error.name}, ${sockets.filter(({ destroyed }) => destroyed).length}`),
        logger: { info: (message, details) => order.push(message, JSON.stringify(details)) },
      },
    );
    await connect(connections, { idle: true });
    await connect(connections);
    const before = counters();
    subscribe('vrf-dial:replaced', onMessage);
    try {
      point(BLUE);
      await retryUntil(() => order.length > 0);
    } finally {
      unsubscribe('vrf-dial:replaced', onMessage);
    }
    expect(published).toEqual([expect.objectContaining({ onReplaced: 'drain', connections: 2 })]);
    expect(order).toEqual([
      'client: NamespaceReplacedError, 0',
      'channel',
      expect.stringMatching(/ was removed or replaced: 2 connections are dropped$/),
      '{"onReplaced":"drain","connections":2}',
    ]);
    expect(counters()).toMatchObject({ replaced: before.replaced + 1, dropped: before.dropped + 2 });
    // The one that is busy is known to be stale: another change does not concern it.
    point(RED);
    await delay(60);
    expect(order).toHaveLength(4);
  });

  it('are not told of where there are none in another namespace', async () => {
    const told: string[] = [];
    const connections = connectionsTo({}, { replaced: () => told.push('replaced') });
    const { socket } = await connect(connections, { name: BLUE });
    point(BLUE);
    await delay(60);
    expect(told).toEqual([]);
    expect(socket.destroyed).toBe(false);
  });
});

describe('a name that leads to connections', () => {
  it('is watched while there are any, or any are being made', async () => {
    const connections = connectionsTo({ namespace: RED });
    await retryUntil(() => !inUse(), 10_000);
    await connections.make(Number.POSITIVE_INFINITY, async () => expect(inUse()).toBe(true));
    await retryUntil(() => !inUse(), 10_000);
    const [one, two] = [await connect(connections), await connect(connections)];
    one.socket.destroy();
    await retryUntil(() => connections.size === 1);
    expect(inUse()).toBe(true);
    two.socket.destroy();
    await retryUntil(() => connections.size === 0);
    await retryUntil(() => !inUse(), 10_000);
  });
});

describe('a client that holds its connections itself', () => {
  /** Replaces the namespace while the event loop is held, so that only a look of the connection's can notice. */
  function replaceUnnoticed(): void {
    const end = performance.now() + 25;
    point(BLUE);
    while (performance.now() < end);
  }

  it('has an idle connection dropped when it takes it for a request, after the namespace was replaced', async () => {
    const connections = connectionsTo({}, { checksUse: true });
    const { socket } = await connect(connections, { idle: true });
    expect(socket.ref()).toBe(socket);
    expect(socket.destroyed).toBe(false);
    socket.unref();
    replaceUnnoticed();
    socket.ref();
    expect(socket.destroyed).toBe(true);
  });

  it('reads nothing more from one that is dropped by the look before it', async () => {
    const connections = connectionsTo({}, { checksUse: true, endAfterRequest: () => 'cut' });
    const { socket, errors } = await connect(connections);
    socket.pause();
    accepted[0]?.write('data');
    await retryUntil(() => socket.readableLength > 0 || !socket.read(0));
    replaceUnnoticed();
    expect(socket.read()).toBeNull();
    expect(socket.destroyed).toBe(true);
    await delay(1);
    expect(errors).toEqual([expect.any(NamespaceReplacedError)]);
  });

  it('reads as ever where nothing was replaced', async () => {
    const connections = connectionsTo({}, { checksUse: true });
    const { socket } = await connect(connections);
    accepted[0]?.end('some data');
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toBe('some data');
  });

  it('is given no idle connection that is older than its age allows; one in use goes on', async () => {
    const connections = connectionsTo({}, { checksUse: true, maxAgeMs: 1000 });
    const [idle, busy] = [await connect(connections, { idle: true }), await connect(connections)];
    idle.socket.ref();
    expect(idle.socket.destroyed).toBe(false);
    idle.socket.unref();
    await delay(1050);
    busy.socket.ref();
    expect(busy.socket.destroyed).toBe(false);
    idle.socket.ref();
    expect(idle.socket.destroyed).toBe(true);
    const others = connectionsTo({ namespace: '' }, { checksUse: true, maxAgeMs: 0 });
    const { socket } = await connect(others, { idle: true });
    await delay(2);
    socket.ref();
    expect(socket.destroyed).toBe(true);
  });

  it('finds the methods of a socket that it connects again as they were', async () => {
    const own = ['ref', 'unref', 'read'];
    for (const reconnects of [true, false]) {
      const connections = connectionsTo({}, { checksUse: true, reconnects });
      const { socket } = await connect(connections);
      expect(Object.hasOwn(socket, 'ref')).toBe(true);
      socket.destroy();
      await once(socket, 'close');
      expect(own.filter((name) => Object.hasOwn(socket, name))).toEqual(reconnects ? [] : ['ref', 'read']);
    }
  });

  it('may connect a stale one again, which is stale no more', async () => {
    const connections = connectionsTo();
    const { socket } = await connect(connections);
    point(BLUE);
    await retryUntil(() => connections.isStale(socket));
    connections.track(socket, { namespace: namespaceOf(BLUE), handle: tcpHandleOf(socket) });
    expect(connections.isStale(socket)).toBe(false);
  });
});
