import { AF_UNIX, Errno, MSG_DONTWAIT, MSG_TRUNC, SOCK_CLOEXEC, sys } from 'netns-core/sys';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MessageHeaders } from '../src/sys/message-headers.js';

const SOCK_DGRAM = 2;

describe('recvmmsg', () => {
  const fds = new Int32Array(2);
  beforeEach(() => {
    expect(sys().socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds)).toBe(0);
  });
  afterEach(() => {
    for (const fd of fds) sys().close(fd);
  });
  const [a, b] = [(): number => fds[0] ?? -1, (): number => fds[1] ?? -1];
  const send = (...texts: string[]): void => {
    for (const text of texts) expect(sys().send(a(), Buffer.from(text), 0)).toBe(text.length);
  };

  it('gives each datagram a buffer, and tells how long it was', async () => {
    const buffers = Array.from({ length: 3 }, () => new Uint8Array(8192));
    const sizes = new Uint32Array(3);
    const text = (index: number): string =>
      Buffer.from((buffers[index] as Uint8Array).subarray(0, sizes[index])).toString();
    const receive = (): Promise<number> => sys().recvmmsgAsync(b(), buffers, sizes, MSG_DONTWAIT | MSG_TRUNC);
    send('one', 'three', 'two');
    expect(await receive()).toBe(3);
    expect([text(0), text(1), text(2)]).toEqual(['one', 'three', 'two']);
    // The same structures again: fewer than there is room for, more than there is room for, none.
    send('x'.repeat(500));
    expect(await receive()).toBe(1);
    expect(text(0)).toBe('x'.repeat(500));
    send('1', '22', '333', '4444');
    expect(await receive()).toBe(3);
    expect([...sizes]).toEqual([1, 2, 3]);
    expect(await receive()).toBe(1);
    expect(sizes[0]).toBe(4);
    expect(await receive()).toBe(-Errno.EAGAIN);
  });

  it('writes nothing behind a buffer that is too small, and tells the full length with MSG_TRUNC', async () => {
    const memory = new Uint8Array(4096).fill(0xee);
    const buffers = [memory.subarray(0, 16), memory.subarray(1024, 1040)];
    const sizes = new Uint32Array(2);
    send('y'.repeat(100), 'z'.repeat(16));
    expect(await sys().recvmmsgAsync(b(), buffers, sizes, MSG_DONTWAIT | MSG_TRUNC)).toBe(2);
    expect([...sizes]).toEqual([100, 16]);
    expect(Buffer.from(memory.subarray(0, 16)).toString()).toBe('y'.repeat(16));
    expect(memory.subarray(16, 1024).every((byte) => byte === 0xee)).toBe(true);
    expect(Buffer.from(memory.subarray(1024, 1040)).toString()).toBe('z'.repeat(16));
    expect(memory.subarray(1040).every((byte) => byte === 0xee)).toBe(true);
  });

  it('gives the error of a socket that is none', async () => {
    expect(await sys().recvmmsgAsync(0x7ffffff, [new Uint8Array(128)], new Uint32Array(1), 0)).toBe(-Errno.EBADF);
  });

  it('is given the structures of a machine with 32-bit words, too', () => {
    const buffers = [new Uint8Array(100), new Uint8Array(200)];
    const addresses = new Map<Uint8Array, bigint>([
      [buffers[0] as Uint8Array, 0x1000n],
      [buffers[1] as Uint8Array, 0x2000n],
    ]);
    const headers = new MessageHeaders(buffers, (memory) => addresses.get(memory) ?? 0x8000n, 4);
    const words = new Uint32Array(headers.bytes.buffer);
    // struct mmsghdr has 32 bytes, struct iovec 8: two of each.
    expect([...words]).toEqual([
      ...[0, 0, 0x8000 + 64, 1, 0, 0, 0, 0],
      ...[0, 0, 0x8000 + 72, 1, 0, 0, 0, 0],
      ...[0x1000, 100],
      ...[0x2000, 200],
    ]);
    words[7] = 5;
    words[15] = 6;
    const sizes = new Uint32Array(2);
    headers.copyLengths(sizes, 1);
    expect([...sizes]).toEqual([5, 0]);
  });
});
