import { availableParallelism } from 'node:os';
import { escaped } from '../checks/index.js';
import { NetnsError } from '../errors.js';
import {
  AF_UNIX,
  Errno,
  encodeUnixAddress,
  errnoName,
  errnoNumber,
  MSG_CMSG_CLOEXEC,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  messageBuffers,
  type OwnedFd,
  ownFd,
  POLLIN,
  receivedDescriptors,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  type Syscalls,
} from '../sys/index.js';
import { MAX_LINE_BYTES } from './broker-protocol.js';

/** How long a client waits between attempts to connect, in milliseconds. */
const RETRY_MS = 10;
/**
 * For how long a reply is looked for again and again, in milliseconds. A thread that waits in poll(2) is woken later than
 * most replies are there. A single processor is the broker's meanwhile.
 */
const SPIN_MS = availableParallelism() > 1 ? 0.1 : 0;
const NEWLINE = 10;

/** The connection went away before the reply was there. */
const LOST = Symbol('lost');
/** The time was over first. */
const LATE = Symbol('late');

/** The errors of connect(2) while a broker restarts, or has many connections waiting. */
const RETRIED = new Set([Errno.ENOENT, Errno.EAGAIN, Errno.EINTR, errnoNumber('ECONNREFUSED')]);

/**
 * A connection to a broker on which one request at a time is asked, synchronously. A broken connection is made again,
 * also in the middle of a request: no request changes anything in the broker.
 */
export class BrokerConnection {
  readonly #path: string;
  readonly #timeout: number;
  readonly #buffers = messageBuffers(MAX_LINE_BYTES);
  #socket: OwnedFd | undefined;
  /** Whether a request is under way. Where V8 ends it, its reply may still come: the connection is given up. */
  #asking = false;
  /** Whether the last request found no broker. The next one looks once and does not wait, so that a thread is not held up again and again. */
  #absent = false;

  constructor(path: string, timeout: number) {
    this.#path = path;
    this.#timeout = timeout;
  }

  /**
   * @param slots gets the descriptors as soon as they are there, from the front; further ones are closed
   * @returns the line
   * @throws NetnsError (`ERR_BROKER_UNAVAILABLE`, `ERR_BROKER_TIMEOUT`, `EACCES`, …)
   */
  ask(calls: Syscalls, line: string, slots: Int32Array): string {
    if (this.#asking) this.close();
    this.#asking = true;
    try {
      const deadline = performance.now() + this.#timeout;
      const request = Buffer.from(`${line}\n`);
      for (let attempt = 0; ; attempt += 1) {
        this.#socket ??= this.#connect(calls, deadline);
        const { fd } = this.#socket;
        const sent = calls.send(fd, request, MSG_NOSIGNAL | MSG_DONTWAIT);
        const isSent = sent === request.length;
        // Also where that failed, without waiting: a broker that closed the connection may have said why.
        const reply = this.#receive(calls, fd, isSent ? deadline : 0, slots);
        if (typeof reply === 'string') return reply;
        if (reply === LATE && isSent && attempt === 0)
          throw new NetnsError(
            `the broker at ${escaped(this.#path)} did not reply within ${this.#timeout} milliseconds`,
            { code: 'ERR_BROKER_TIMEOUT', path: this.#path },
          );
        this.close();
        if (performance.now() >= deadline)
          throw this.#unavailable(
            isSent
              ? 'it closes the connection'
              : `a request cannot be sent (send: ${sent < 0 ? errnoName(-sent) : 'only a part went'})`,
          );
        if (attempt > 0) calls.poll(-1, 0, RETRY_MS);
      }
    } catch (error) {
      this.close();
      throw error;
    } finally {
      this.#asking = false;
    }
  }

  close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #connect(calls: Syscalls, deadline: number): OwnedFd {
    const address = encodeUnixAddress(this.#path);
    for (;;) {
      const fd = calls.socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      if (fd < 0) throw NetnsError.fromErrno(-fd, 'socket', `cannot connect to the broker at ${escaped(this.#path)}`);
      const result = calls.connect(fd, address);
      if (result >= 0) {
        this.#absent = false;
        return ownFd(fd);
      }
      calls.close(fd);
      if (!RETRIED.has(-result))
        throw NetnsError.fromErrno(-result, 'connect', `cannot connect to the broker at ${escaped(this.#path)}`, {
          path: this.#path,
        });
      if (this.#absent || performance.now() >= deadline) {
        this.#absent = true;
        throw this.#unavailable('nothing listens there');
      }
      // No descriptor: poll(2) only waits.
      calls.poll(-1, 0, RETRY_MS);
    }
  }

  #unavailable(reason: string): NetnsError {
    return new NetnsError(
      `the broker at ${escaped(this.#path)} is not available: ${reason}. Start netns-broker, or check the path`,
      { code: 'ERR_BROKER_UNAVAILABLE', path: this.#path },
    );
  }

  /** Receives what is there or comes within the time for which waiting would not be worth it. */
  #receiveSoon(calls: Syscalls, fd: number): number {
    const until = performance.now() + SPIN_MS;
    for (;;) {
      const size = calls.recvmsg(fd, this.#buffers, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
      if (size !== -Errno.EAGAIN || performance.now() >= until) return size;
    }
  }

  #receive(calls: Syscalls, fd: number, deadline: number, slots: Int32Array): string | typeof LOST | typeof LATE {
    const buffers = this.#buffers;
    const chunks: Buffer[] = [];
    let length = 0;
    const drop = (): void => closeSlots(calls, slots);
    slots.fill(-1);
    for (;;) {
      const size = this.#receiveSoon(calls, fd);
      if (size === -Errno.EINTR) continue;
      if (size === -Errno.EAGAIN) {
        const left = Math.ceil(deadline - performance.now());
        if (calls.poll(fd, POLLIN, Math.max(left, 0)) !== 0) continue;
        drop();
        return LATE;
      }
      if (size > 0)
        for (const descriptor of receivedDescriptors(buffers)) {
          const free = slots.indexOf(-1);
          if (free < 0) calls.close(descriptor);
          else slots[free] = descriptor;
        }
      if (size <= 0) {
        drop();
        return LOST;
      }
      const chunk = Buffer.from(buffers.data.subarray(0, size));
      chunks.push(chunk);
      length += size;
      if (chunk.at(-1) === NEWLINE) return Buffer.concat(chunks).toString();
      if (length >= MAX_LINE_BYTES) {
        drop();
        throw brokenReply(this.#path);
      }
    }
  }
}

export function closeSlots(calls: Syscalls, slots: Int32Array): void {
  for (let slot = 0; slot < slots.length; slot += 1) {
    const fd = slots[slot] ?? -1;
    if (fd >= 0) calls.close(fd);
    slots[slot] = -1;
  }
}

export function brokenReply(path: string): NetnsError {
  return new NetnsError(
    `what listens at ${escaped(path)} does not reply as a broker of netns-core does: check the path`,
    { code: 'ERR_BROKER_PROTOCOL', path },
  );
}
