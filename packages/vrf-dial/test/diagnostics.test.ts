import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer, Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { makeNamespaces, uniqueName } from '#testkit';
import { counters, dial, listenInVrf } from '../src/index.ts';
import { serveIn } from './servers.ts';

/** Collects what is published on channels while something runs. */
async function published(names: readonly string[], run: () => Promise<unknown>): Promise<[string, object][]> {
  const messages: [string, object][] = [];
  const listener = (message: unknown, name: string | symbol): void => {
    messages.push([String(name), message as object]);
  };
  for (const name of names) subscribe(name, listener);
  try {
    await run();
  } finally {
    for (const name of names) unsubscribe(name, listener);
  }
  return messages;
}

const DIAL = ['vrf-dial:dial:start', 'vrf-dial:dial:connected', 'vrf-dial:dial:error'];

describe('diagnostics_channel', () => {
  it('tells of dials: started, connected and failed, with the time they took, and of names', async () => {
    const vrf = uniqueName();
    using _namespaces = makeNamespaces(`ns-${vrf}`);
    await using server = await serveIn(`ns-${vrf}`, createServer(), '127.0.0.1', 7000);
    const target = `VRF '${vrf}' (namespace 'ns-${vrf}')`;
    const before = counters();
    const messages = await published([...DIAL, 'vrf-dial:resolve'], async () => {
      (await dial({ vrf, host: 'localhost', port: server.port })).destroy();
      await dial({ vrf, host: '127.0.0.1', port: 7001 }).catch(() => {});
    });
    const duration = expect.any(Number) as number;
    const good = { target, host: 'localhost', port: 7000 };
    const bad = { target, host: '127.0.0.1', port: 7001 };
    expect(messages).toEqual([
      ['vrf-dial:dial:start', good],
      [
        'vrf-dial:resolve',
        { target, hostname: 'localhost', source: 'local', addresses: ['::1', '127.0.0.1'], duration },
      ],
      ['vrf-dial:dial:connected', { ...good, address: '127.0.0.1', socket: expect.any(Socket), duration }],
      ['vrf-dial:dial:start', bad],
      ['vrf-dial:dial:error', { ...bad, error: expect.objectContaining({ code: 'ECONNREFUSED' }), duration }],
    ]);
    const after = counters();
    expect([after.dials - before.dials, after.connected - before.connected, after.failed - before.failed]).toEqual([
      2, 1, 1,
    ]);
    expect(after.lookups).toBe(before.lookups + 1);
  });

  it('tells of the hops that dials make', async () => {
    const vrf = uniqueName();
    using _namespaces = makeNamespaces(`ns-${vrf}`);
    const messages = await published(['netns-core:hop'], () =>
      dial({ vrf, host: '127.0.0.1', port: 1 }).catch(() => {}),
    );
    expect(messages).toEqual([['netns-core:hop', { namespace: `ns-${vrf}`, duration: expect.any(BigInt) as bigint }]]);
  });
});

describe('a logger', () => {
  /** Calls of a logger while a listener waits for a VRF that does not exist, and is closed. */
  async function logged(more: object): Promise<unknown[][]> {
    const calls: unknown[][] = [];
    const logger = {
      ...more,
      info: (...args: unknown[]) => calls.push(args),
      warn: (...args: unknown[]) => calls.push(args),
    };
    const listener = await listenInVrf(createServer(), { vrf: uniqueName(), port: 7000, logger });
    await listener.close();
    return calls;
  }

  it('like console gets the sentence first, and hears of the first wait', async () => {
    const [first] = await logged({});
    expect(first?.[0]).toMatch(/^waiting: VRF .* is not there/);
  });

  it('like pino or bunyan gets the values first', async () => {
    for (const more of [{ bindings: () => ({}) }, { addSerializers: () => {} }]) {
      const [first] = await logged(more);
      expect(first).toEqual([{}, expect.stringMatching(/^waiting: VRF .* is not there/)]);
    }
  });
});
