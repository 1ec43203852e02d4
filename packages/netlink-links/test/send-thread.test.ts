import { closeSync, readSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { AF_UNIX, Errno, MSG_DONTWAIT, SOCK_CLOEXEC, sys } from 'netns-core/sys';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { retryUntil } from '#testkit';
import { SendThread } from '../src/socket/send-thread/send-thread.js';

const SOCK_SEQPACKET = 5;

interface Pair extends Disposable {
  readonly near: number;
  readonly far: number;
}

function socketPair(): Pair {
  const fds = new Int32Array(2);
  expect(sys().socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds)).toBe(0);
  const [near = -1, far = -1] = fds;
  return {
    near,
    far,
    [Symbol.dispose]() {
      closeSync(near);
      closeSync(far);
    },
  };
}

/** A message that the receiver can tell from the others. */
const message = (number: number): Uint8Array => new Uint8Array(100).fill(number);

/** Makes sends on a pair wait, until as much is received as is sent here. */
function fill({ near }: Pair): number {
  let count = 0;
  while (sys().send(near, message(0), MSG_DONTWAIT) > 0) count += 1;
  expect(sys().send(near, message(0), MSG_DONTWAIT)).toBe(-Errno.EAGAIN);
  return count;
}

const workers: Worker[] = [];
const note = (worker: Worker): void => void workers.push(worker);
beforeEach(() => {
  workers.length = 0;
  process.on('worker', note);
});
afterEach(() => void process.off('worker', note));

async function started(onEnd: (hadStarted: boolean) => void = () => undefined): Promise<SendThread> {
  const thread = new SendThread(onEnd);
  await retryUntil(() => thread.accepts(message(0)));
  return thread;
}

/** Sends on libuv's pool are counted, and never wait here. */
function pool(): { count: number; readonly send: () => Promise<number> } {
  const counted = {
    count: 0,
    async send() {
      counted.count += 1;
      return 100;
    },
  };
  return counted;
}

describe('the thread that sends', () => {
  it('sends in order, and its results are those of send(2)', async () => {
    using pair = socketPair();
    const thread = await started();
    const { send } = pool();
    const results = await Promise.all([1, 2, 3].map((number) => thread.send(pair.near, message(number), send)));
    expect(results).toEqual([100, 100, 100]);
    const received = new Uint8Array(100);
    for (const number of [1, 2, 3]) {
      readSync(pair.far, received);
      expect(received).toEqual(message(number));
    }
    expect(await thread.send(1_000_000, message(1), send)).toBe(-Errno.EBADF);
  });

  it('hands out what is done while a send waits, and gives those behind it to the pool', async () => {
    using free = socketPair();
    using full = socketPair();
    const waiting = fill(full);
    const thread = await started();
    const counted = pool();
    let stuck = true;
    const before = Promise.all([1, 2].map((number) => thread.send(free.near, message(number), counted.send)));
    const blocked = thread.send(full.near, message(3), counted.send).finally(() => {
      stuck = false;
    });
    const behind = Array.from({ length: 60 }, () => thread.send(free.near, message(4), counted.send));
    expect(await before).toEqual([100, 100]);
    await Promise.all(behind);
    expect(counted.count).toBe(60);
    expect(stuck).toBe(true);
    expect(thread.accepts(message(5))).toBe(false);
    const received = new Uint8Array(100);
    for (let count = 0; count < waiting; count += 1) readSync(full.far, received);
    expect(await blocked).toBe(100);
  });

  // Tried again where the thread had no processor for as long as counts as held up.
  it('takes more sends than it has room for, and they wait for it', async () => {
    const thread = await started();
    await retryUntil(async () => {
      const counted = pool();
      const sends = Array.from({ length: 1000 }, () => thread.send(1_000_000, message(1), counted.send));
      const results = await Promise.all(sends);
      return counted.count === 0 && results.every((result) => result === -Errno.EBADF);
    });
  });

  it('is not taken for held up while the event loop is, which collects its results', async () => {
    const thread = await started();
    await retryUntil(async () => {
      const counted = pool();
      const sends = Array.from({ length: 600 }, () => thread.send(1_000_000, message(1), counted.send));
      const until = performance.now() + 100;
      while (performance.now() < until);
      const accepts = thread.accepts(message(1));
      await new Promise((resolve) => setTimeout(resolve, 0));
      await Promise.all(sends);
      return accepts && counted.count === 0;
    });
  });

  it('gives also those to the pool that it had no room for, when it is held up and when it ends', async () => {
    using free = socketPair();
    using full = socketPair();
    const waiting = fill(full);
    const thread = await started();
    const counted = pool();
    const send = (fd: number, times: number): Promise<number>[] =>
      Array.from({ length: times }, () => thread.send(fd, message(1), counted.send));
    const [blocked] = send(full.near, 1);
    await Promise.all(send(free.near, 400));
    expect(counted.count).toBe(400);
    const received = new Uint8Array(100);
    for (let count = 0; count < waiting; count += 1) readSync(full.far, received);
    expect(await blocked).toBe(100);
    await retryUntil(() => thread.accepts(message(1)));
    for (let count = 0; count < waiting; count += 1) if (sys().send(full.near, message(0), MSG_DONTWAIT) < 0) break;
    const last = [...send(full.near, 1), ...send(free.near, 400)];
    await delay(5);
    const ended = workers[0]?.terminate();
    for (let count = 0; count < waiting; count += 1) readSync(full.far, received);
    await ended;
    await Promise.all(last);
    // The first one too, where the thread had not begun it.
    expect(counted.count - 400).toBeGreaterThanOrEqual(400);
  });

  it('loses nothing when it is terminated: what it had not begun goes to the pool', async () => {
    using free = socketPair();
    using full = socketPair();
    const waiting = fill(full);
    const ends: boolean[] = [];
    const thread = await started((hadStarted) => void ends.push(hadStarted));
    const counted = pool();
    const sends = [full.near, free.near, free.near].map((fd) => thread.send(fd, message(1), counted.send));
    await delay(5);
    const ended = workers[0]?.terminate();
    const received = new Uint8Array(100);
    for (let count = 0; count < waiting; count += 1) readSync(full.far, received);
    await ended;
    await Promise.all(sends);
    expect(counted.count).toBe(2);
    expect(ends).toEqual([true]);
    expect(thread.accepts(message(1))).toBe(false);
  });

  it('ends a second after the last send', async () => {
    using pair = socketPair();
    const ends: boolean[] = [];
    const thread = await started((hadStarted) => void ends.push(hadStarted));
    await thread.send(pair.near, message(1), pool().send);
    await new Promise((resolve) => workers[0]?.once('exit', resolve));
    expect(ends).toEqual([true]);
    expect(thread.accepts(message(1))).toBe(false);
  });
});
