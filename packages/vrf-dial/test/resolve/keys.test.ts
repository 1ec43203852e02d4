import type { RemoteInfo, Socket } from 'node:dgram';
import type { LookupAddress } from 'node:dns';
import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeNamespaces, uniqueName } from '#testkit';
import {
  clearDnsCache,
  createUdpSocket,
  createVrfLookup,
  type VrfDnsOptions,
  type VrfLookup,
} from '../../src/index.ts';

const A = uniqueName();
const B = uniqueName();
let namespaces: { remove(): void };
const servers: Socket[] = [];

/** Answers each question with the one address that `answer` gives. */
async function serve(namespace: string, address: string, answer: (name: string) => string | Promise<string>) {
  const socket = await createUdpSocket({ namespace, type: 'udp4', bind: { address, port: 53 } });
  servers.push(socket);
  const asked: string[] = [];
  socket.on('message', async (query: Buffer, from: RemoteInfo) => {
    let end = 12;
    const labels: string[] = [];
    for (let size = query[end] ?? 0; size > 0; size = query[end] ?? 0) {
      labels.push(query.toString('latin1', end + 1, end + 1 + size));
      end += size + 1;
    }
    const name = labels.join('.');
    asked.push(name);
    const found = await answer(name);
    const head = Buffer.from(query.subarray(0, end + 5));
    head.writeUInt16BE(0x8580, 2);
    head.set([0, 1, 0, 0, 0, 0], 6);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 14, 16, 0, 4, ...found.split('.').map(Number)]);
    socket.send(Buffer.concat([head, record]), from.port, from.address);
  });
  return asked;
}

function ask(lookup: VrfLookup, name: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    lookup(name, { all: true, family: 4 }, (error, found) =>
      error ? reject(error) : resolve((found as LookupAddress[]).map(({ address }) => address)),
    );
  });
}

const lookupIn = (namespace: string, dns: VrfDnsOptions = {}): VrfLookup =>
  createVrfLookup({ namespace, dns: { servers: ['127.0.0.1'], hosts: false, search: [], ...dns } });

beforeEach(() => {
  namespaces = makeNamespaces(A, B);
  clearDnsCache();
});

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  namespaces.remove();
});

describe('lookups at the same time', () => {
  it('share no answer if they differ in their search list, ndots, servers or tries', async () => {
    await serve(A, '127.0.0.1', async (name) => {
      await delay(30);
      return name.endsWith('one.example') ? '192.0.2.1' : name.endsWith('two.example') ? '192.0.2.2' : '192.0.2.3';
    });
    await serve(A, '127.0.0.2', async () => {
      await delay(30);
      return '192.0.2.4';
    });
    const search = ['one.example'];
    const all = [
      lookupIn(A, { search }),
      lookupIn(A, { search: ['two.example'] }),
      lookupIn(A, { search: ['two.example', 'one.example'] }),
      lookupIn(A, { search, ndots: 0 }),
      lookupIn(A, { search, servers: ['127.0.0.2'] }),
      lookupIn(A, { search, servers: ['127.0.0.2', '127.0.0.1'] }),
      lookupIn(A, { search, attempts: 1 }),
    ];
    const expected = [1, 2, 2, 3, 4, 4, 1].map((last) => [`192.0.2.${last}`]);
    expect(await Promise.all(all.map((lookup) => ask(lookup, 'db')))).toEqual(expected);
    expect(await Promise.all(all.map((lookup) => ask(lookup, 'db')))).toEqual(expected);
  });

  it('share the questions if they do not differ', async () => {
    const asked = await serve(A, '127.0.0.1', () => '192.0.2.1');
    await Promise.all(Array.from({ length: 5 }, () => ask(lookupIn(A), 'db.example')));
    expect(asked).toEqual(['db.example']);
  });
});

describe('the bounds of one target', () => {
  it('are not those of others', async () => {
    const asked = await serve(A, '127.0.0.1', () => '192.0.2.1');
    const all = async (lookup: VrfLookup): Promise<number> => {
      const before = asked.length;
      for (let index = 0; index < 20; index += 1) await ask(lookup, `h${index}.example`);
      return asked.length - before;
    };
    expect(await all(lookupIn(A))).toBe(20);
    expect(await all(lookupIn(A))).toBe(0);
    // A few of its own; none; and none that is older than nothing.
    expect(await all(lookupIn(A, { cache: { maxEntries: 5 } }))).toBe(20);
    expect(await all(lookupIn(A, { cache: { maxEntries: 0 } }))).toBe(20);
    expect(await all(lookupIn(A, { cache: { maxTtl: 0 } }))).toBe(20);
    expect(await all(lookupIn(A))).toBe(0);
    const few = lookupIn(A, { cache: { maxEntries: 30 } });
    expect([await all(few), await all(few)]).toEqual([20, 0]);
    clearDnsCache();
    expect(await all(few)).toBe(20);
  });
});

it('what was asked before the cache was cleared is not kept after it, nor shared', async () => {
  let current = '192.0.2.1';
  await serve(A, '127.0.0.1', async () => {
    const answer = current;
    await delay(50);
    return answer;
  });
  const lookup = lookupIn(A);
  const before = ask(lookup, 'db.example');
  await delay(20);
  current = '192.0.2.2';
  clearDnsCache();
  const after = ask(lookup, 'db.example');
  expect(await Promise.all([before, after])).toEqual([['192.0.2.1'], ['192.0.2.2']]);
  expect(await ask(lookup, 'db.example')).toEqual(['192.0.2.2']);
});

describe('a link in place of a name', () => {
  const link = uniqueName();
  const point = (to: string): void => {
    symlinkSync(to, `/run/netns/.${link}`);
    renameSync(`/run/netns/.${link}`, `/run/netns/${link}`);
  };

  it('that moves takes no answer from one namespace into the other', async () => {
    mkdirSync('/run/netns', { recursive: true });
    await serve(A, '127.0.0.1', () => '203.0.113.1');
    await serve(B, '127.0.0.1', () => '203.0.113.2');
    const moving = lookupIn(link);
    const [inA, inB] = [lookupIn(A), lookupIn(B)];
    for (let index = 0; index < 30; index += 1) {
      const name = `db${index}.example`;
      point(A);
      await ask(moving, `other${index}.example`);
      point(B);
      // Looked up before or after the move was noticed: the answer belongs where it came from.
      if (index % 2 === 1) await delay(index / 2);
      await ask(moving, name);
      expect([await ask(inA, name), await ask(inB, name)]).toEqual([['203.0.113.1'], ['203.0.113.2']]);
      await delay(15);
      expect(await ask(moving, name)).toEqual(['203.0.113.2']);
    }
  });

  it('to the namespace of a process finds its answers again', async () => {
    const asked = await serve(A, '127.0.0.1', () => '203.0.113.1');
    const { spawn } = await import('node:child_process');
    const child = spawn('ip', ['netns', 'exec', A, 'sleep', '60']);
    try {
      await delay(300);
      point(`/proc/${child.pid}/ns/net`);
      for (let index = 0; index < 5; index += 1) {
        expect(await ask(lookupIn(link), 'db.example')).toEqual(['203.0.113.1']);
        await delay(15);
      }
      expect(asked).toEqual(['db.example']);
    } finally {
      child.kill();
    }
  });
});
