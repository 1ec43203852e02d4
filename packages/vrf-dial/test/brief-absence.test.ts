import { mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import http from 'node:http';
import { replaceSyscalls } from 'netns-core/sys';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ipIn, makeNamespaces, retryUntil, uniqueName } from '#testkit';
import { createUdpSocket, dial, listenInVrf, listenUdpInVrf } from '../src/index.ts';

const RED = uniqueName('red');
let made: ReturnType<typeof makeNamespaces>;
let folder: string;
let path: string;
const restores: (() => void)[] = [];

beforeAll(() => {
  made = makeNamespaces(RED);
  ipIn(RED, 'link set lo up');
  folder = mkdtempSync('/run/brief-');
  path = `${folder}/link`;
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  made.remove();
});

function point(to: string): void {
  symlinkSync(`/run/netns/${to}`, `${path}.new`);
  renameSync(`${path}.new`, path);
}

/** Has the link lead nowhere for as long as some of the next opens (open(2)) of it take; no look falls into that time. */
function beAwayAtOpens(first: number, last = first): void {
  let opens = 0;
  const restore = replaceSyscalls(({ open }) => ({
    open: (file, ...rest) => {
      if (file !== path) return open(file, ...rest);
      opens += 1;
      if (opens < first || opens > last) return open(file, ...rest);
      point('no-such-name');
      try {
        return open(file, ...rest);
      } finally {
        point(RED);
      }
    },
  }));
  restores.push(restore);
}

beforeEach(() => point(RED));
afterEach(() => {
  for (const restore of restores.splice(0).reverse()) restore();
});

describe.each([
  ['at the first open', 1, 1],
  ['at the second open', 2, 2],
  ['at the third open', 3, 3],
  ['at the first two opens', 1, 2],
  ['at the first three opens', 1, 3],
])('a namespace that is absent only between two looks, %s', (_when, first, last) => {
  const target = () => ({ namespace: { name: 'link', dir: folder }, waitForNamespace: 20_000 });

  it('is found by a listener that waits for it', async () => {
    beAwayAtOpens(first, last);
    const { namespace } = target();
    await using listener = await listenInVrf(http.createServer(), { namespace, host: '127.0.0.1', port: 0 });
    await retryUntil(() => listener.state === 'listening');
  });

  it('is found by a UDP listener that waits for it', async () => {
    beAwayAtOpens(first, last);
    const { namespace } = target();
    await using listener = await listenUdpInVrf({ namespace, type: 'udp4', bind: { address: '127.0.0.1' } });
    await retryUntil(() => listener.state === 'listening');
  });

  it('is found by a connection that waits for it', async () => {
    const options = { namespace: RED, host: '127.0.0.1', port: 0 };
    await using listener = await listenInVrf(http.createServer(), options);
    beAwayAtOpens(first, last);
    const started = performance.now();
    const socket = await dial({ ...target(), host: '127.0.0.1', port: listener.address()?.port ?? 0 });
    expect(performance.now() - started).toBeLessThan(10_000);
    socket.destroy();
  });

  it('is found by a UDP socket that waits for it', async () => {
    beAwayAtOpens(first, last);
    const started = performance.now();
    const socket = await createUdpSocket({ ...target(), type: 'udp4' });
    expect(performance.now() - started).toBeLessThan(10_000);
    socket.close();
  });
});
