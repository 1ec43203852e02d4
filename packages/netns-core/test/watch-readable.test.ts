import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { leakedFds, openFds, retryUntil, runProgram } from '#testkit';
import {
  AF_UNIX,
  Errno,
  MSG_DONTWAIT,
  messageBuffers,
  replaceSyscalls,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  sys,
  watchReadable,
} from '../src/sys/index.ts';

/** Two connected datagram sockets. */
function socketPair(): [number, number] {
  const pair = new Int32Array(2);
  expect(sys().socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair)).toBe(0);
  return [pair[0] ?? -1, pair[1] ?? -1];
}

describe('watchReadable', () => {
  it('reports what can be read, again until it is taken, and reads nothing itself', async () => {
    const [fd, other] = socketPair();
    const received: string[] = [];
    const buffers = messageBuffers(100);
    let calls = 0;
    const watch = watchReadable(fd, () => {
      calls += 1;
      // Not the first time.
      if (calls % 2 === 1) return;
      for (;;) {
        const length = sys().recvmsg(fd, buffers, MSG_DONTWAIT);
        if (length === -Errno.EAGAIN) return;
        received.push(Buffer.from(buffers.data.subarray(0, length)).toString());
      }
    });
    await watch.ready;
    for (const text of ['one', 'two', 'three']) {
      sys().send(other, Buffer.from(text), 0);
      await retryUntil(() => received.at(-1) === text);
    }
    expect(received).toEqual(['one', 'two', 'three']);
    const before = calls;
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(calls).toBe(before);
    watch.close();
    sys().close(other);
  });

  it('keeps what arrives before it is in place', async () => {
    const [fd, other] = socketPair();
    sys().send(other, Buffer.from('early'), 0);
    const buffers = messageBuffers(100);
    const received: number[] = [];
    const watch = watchReadable(fd, () => received.push(sys().recvmsg(fd, buffers, MSG_DONTWAIT)));
    await retryUntil(() => received.length === 1);
    expect(received).toEqual([5]);
    watch.close();
    sys().close(other);
  });

  it('reports nothing while it is paused, nor asks again and again, and then what has come meanwhile', async () => {
    for (const waits of [false, true]) {
      const [fd, other] = socketPair();
      const buffers = messageBuffers(100);
      const received: number[] = [];
      let writes = 0;
      const restore = replaceSyscalls((real) => ({
        write: (...args) => {
          writes += 1;
          return real.write(...args);
        },
      }));
      const watch = watchReadable(fd, () => received.push(sys().recvmsg(fd, buffers, MSG_DONTWAIT)));
      restore();
      if (waits) await watch.ready;
      watch.pause();
      watch.pause();
      await watch.ready;
      sys().send(other, Buffer.from('one'), 0);
      sys().send(other, Buffer.from('three'), 0);
      for (let turn = 0; turn < 5; turn += 1) await nextTurn();
      const before = writes;
      for (let turn = 0; turn < 50; turn += 1) await nextTurn();
      expect(writes).toBe(before);
      expect(received).toEqual([]);
      watch.resume();
      watch.resume();
      await retryUntil(() => received.length === 2);
      expect(received).toEqual([3, 5]);
      watch.close();
      watch.pause();
      watch.resume();
      sys().close(other);
    }
  });

  it('leaves nothing open when the worker thread is terminated that has it', async () => {
    const program = `import { Worker } from 'node:worker_threads'; import { readdirSync } from 'node:fs'; import 'netns-core';
      const code = \`const { sys, watchReadable, ownFd } = require('netns-core/sys');
        const pair = new Int32Array(2);
        sys().socketpair(1, 2 | 0x800 | 0x80000, 0, pair);
        watchReadable(ownFd(pair[0]), () => undefined).ready.then(() => {
          sys().close(pair[1]);
          require('node:worker_threads').parentPort.postMessage('up');
        });
        setInterval(() => {}, 1000);\`;
      const once = () => new Promise((resolve) => { const worker = new Worker(code, { eval: true }); worker.once('message', () => worker.terminate().then(resolve)); });
      const open = () => readdirSync('/proc/self/fd').length;
      await once(); const before = open();
      for (let time = 0; time < 5; time += 1) await once();
      console.log(open() - before);`;
    expect(await runProgram(program)).toMatchObject({ stdout: '0\n', stderr: '' });
  });

  it('reports nothing more once it is closed, and leaves nothing open', async () => {
    const before = openFds();
    for (const waits of [false, true]) {
      const [fd, other] = socketPair();
      let calls = 0;
      const watch = watchReadable(fd, () => {
        calls += 1;
      });
      if (waits) await watch.ready;
      sys().send(other, Buffer.from('x'), 0);
      watch.close();
      watch.close();
      await watch.ready;
      for (let turn = 0; turn < 10; turn += 1) await nextTurn();
      expect(calls).toBe(0);
      sys().close(other);
    }
    expect(leakedFds(before)).toEqual([]);
  });

  it('lets another descriptor have the number that it has given back', async () => {
    for (let round = 0; round < 20; round += 1) {
      const [fd, other] = socketPair();
      const watch = watchReadable(fd, () => watch.close());
      await watch.ready;
      sys().send(other, Buffer.from('x'), 0);
      await retryUntil(() => sys().send(other, Buffer.from('x'), 0) < 0);
      sys().close(other);
    }
  });

  it.each(['epollCreate', 'epollCtl', 'socketpair', 'fcntl', 'dup3'] as const)(
    'closes the descriptor where a system call fails: %s',
    async (call) => {
      const before = openFds();
      for (const failing of [1, 2]) {
        const [fd, other] = socketPair();
        let calls = 0;
        const restore = replaceSyscalls((real) => ({
          [call]: (...args: never[]): number => {
            calls += 1;
            return calls === failing ? -Errno.EMFILE : (real[call] as (...all: never[]) => number)(...args);
          },
        }));
        try {
          const watch = watchReadable(fd, () => undefined);
          await watch.ready.finally(watch.close);
          expect(calls).toBeLessThan(failing);
        } catch (error) {
          expect(error).toMatchObject({ code: 'EMFILE' });
        } finally {
          restore();
        }
        sys().close(other);
      }
      await retryUntil(() => leakedFds(before).length === 0);
    },
  );
});
