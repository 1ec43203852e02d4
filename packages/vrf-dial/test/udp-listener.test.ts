import type { Socket } from 'node:dgram';
import { hopSource, InvalidOptionError, type SocketSource } from 'netns-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, ipIn, leakedFds, makeNamespaces, openFds, retryUntil, uniqueName } from '#testkit';
import { BindError, createUdpSocket, listenUdpInVrf, type UdpOptions, type VrfUdpListener } from '../src/index.ts';

let name: string;
let made: { remove(): void };
const open: (Socket | VrfUdpListener)[] = [];

beforeEach(() => {
  name = uniqueName('udp');
  made = makeNamespaces(name);
});

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  made.remove();
});

async function listen(options: Partial<UdpOptions> = {}) {
  const listener = await listenUdpInVrf({
    ...{ namespace: name, type: 'udp4', bind: { address: '127.0.0.1', port: 0 } },
    ...options,
  });
  open.push(listener);
  const events: string[] = [];
  for (const event of ['listening', 'down', 'close'] as const) listener.on(event, () => events.push(event));
  listener.on('message', (data, { address }) => events.push(`${data} from ${address}`));
  listener.on('error', (error) => events.push(`error ${(error as NodeJS.ErrnoException).code}`));
  return { listener, events };
}

/** Sends from inside the namespace until the listener has it. */
async function received(text: string, { listener, events }: Awaited<ReturnType<typeof listen>>): Promise<void> {
  const socket = await createUdpSocket({ namespace: name, type: 'udp4' });
  try {
    await retryUntil(() => {
      socket.send(text, listener.address()?.port ?? 9, '127.0.0.1');
      return events.some((event) => event.startsWith(text));
    });
  } finally {
    socket.close();
  }
}

describe('listenUdpInVrf', () => {
  it('binds once where the look before finds a change, as of a name whose namespace has just been mounted', async () => {
    let looks = 0;
    const source: SocketSource = {
      ...hopSource,
      identify: (ref) => {
        looks += 1;
        return looks === 1 ? undefined : hopSource.identify(ref);
      },
    };
    const { listener, events } = await listen({ source, bind: { address: '127.0.0.1', port: 5353 } });
    await retryUntil(() => events.includes('listening'));
    expect(listener.address()?.port).toBe(5353);
    expect(events).toEqual(['listening']);
  });

  it('receives in its namespace, and follows it when it is removed and made again', async () => {
    const listening = await listen();
    const { listener, events } = listening;
    expect(listener.state).toBe('listening');
    const port = listener.address()?.port ?? 0;
    await received('one', listening);
    ip(`netns del ${name}`);
    await retryUntil(() => listener.state === 'waiting');
    expect(listener.address()).toBeNull();
    expect(listener.socket).toBeNull();
    ip(`netns add ${name}`);
    ipIn(name, 'link set lo up');
    await retryUntil(() => listener.state === 'listening');
    expect(listener.address()?.port).toBe(port);
    await received('two', listening);
    await listener.close();
    expect(new Set(events)).toEqual(
      new Set(['listening', 'one from 127.0.0.1', 'down', 'two from 127.0.0.1', 'close']),
    );
    expect(events.filter((event) => event === 'listening')).toHaveLength(2);
  });

  it('waits for its namespace, and for its address', async () => {
    made.remove();
    const { listener, events } = await listen({ bind: { address: '192.0.2.1', port: 5000 } });
    expect(listener.state).toBe('waiting');
    made = makeNamespaces(name);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(listener.state).toBe('waiting');
    ipIn(name, 'addr add 192.0.2.1/32 dev lo');
    await retryUntil(() => listener.state === 'listening');
    expect(listener.address()).toMatchObject({ address: '192.0.2.1', port: 5000 });
    await retryUntil(() => events.includes('listening'));
  });

  it('waits for its interface, and follows it when it is made anew', async () => {
    const { listener, events } = await listen({ interface: 'br0', bind: { address: '0.0.0.0', port: 5000 } });
    expect(listener.state).toBe('waiting');
    for (const round of [1, 2]) {
      ipIn(name, 'link add br0 type bridge');
      await retryUntil(() => listener.state === 'listening');
      ipIn(name, 'link del br0');
      await retryUntil(() => listener.state === 'waiting');
      expect(events.filter((event) => event === 'down')).toHaveLength(round);
    }
  });

  it('rejects where waiting does not help', async () => {
    const first = await listen();
    const bind = { address: '127.0.0.1', port: first.listener.address()?.port ?? 0 };
    await expect(listen({ bind })).rejects.toMatchObject({ name: 'BindError', code: 'EADDRINUSE' });
    await expect(listen({ namespace: '', bind: { address: '203.0.113.1' } })).rejects.toBeInstanceOf(BindError);
    await expect(listen({ waitForNamespace: 5 })).rejects.toBeInstanceOf(InvalidOptionError);
    await expect(listen({ signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
  });

  it('closes with its signal, and leaves nothing open', async () => {
    const before = openFds();
    const controller = new AbortController();
    const { listener, events } = await listen({ signal: controller.signal });
    controller.abort();
    expect(listener.state).toBe('closed');
    await retryUntil(() => events.includes('close'));
    await listener.close();
    await retryUntil(() => leakedFds(before).filter((fd) => /socket|netlink/.test(fd)).length === 0);
  });

  it('closes when its socket is closed', async () => {
    const { listener, events } = await listen();
    listener.socket?.close();
    await retryUntil(() => events.includes('close'));
    expect(listener.state).toBe('closed');
  });
});
