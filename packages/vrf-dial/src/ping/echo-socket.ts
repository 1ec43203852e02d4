import { NetnsError } from 'netns-core';
import {
  controlMessages,
  Errno,
  formatIPv4,
  formatIPv6,
  getIntOption,
  ICMP_FILTER,
  ICMPV6_FILTER,
  IP_RECVERR,
  IP_RECVTTL,
  IP_TTL,
  IPPROTO_ICMPV6,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_HOPLIMIT,
  IPV6_RECVERR,
  IPV6_RECVHOPLIMIT,
  IPV6_UNICAST_HOPS,
  LITTLE_ENDIAN,
  type MessageBuffers,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  messageBuffers,
  type ReadableWatch,
  readInternetAddress,
  SO_EE_ORIGIN_ICMP,
  SO_EE_ORIGIN_ICMP6,
  SO_TIMESTAMPNS,
  SO_TYPE,
  SOCK_RAW,
  SOL_RAW,
  SOL_SOCKET,
  setIntOption,
  sys,
  watchReadable,
} from 'netns-core/sys';
import type { Address } from '../address/address.js';
import { encodeSocketAddress } from '../address/socket-address.js';
import { openTargetSocket } from '../socket/open-target-socket.js';
import type { ResolvedTarget } from '../target/target.js';
import {
  encodeEchoRequest,
  ICMP_HEADER,
  onlyEchoReplies,
  onlyEchoRepliesV6,
  readEchoReply,
  readEchoRequest,
  skipIPv4Header,
} from './icmp.js';

/** An IPv4 header with all its options. */
const MAX_IPV4_HEADER = 60;
/** Random bytes at the beginning of the data, by which a reply is told from one to another program. */
const NONCE_SIZE = 8;
/** So many messages are taken at a time, lest a flood holds the event loop; epoll reports the rest again. */
const MAX_MESSAGES = 256;

/** A reply to an echo request. */
export interface EchoReply {
  /** As it was sent, of 16 bits. */
  readonly sequence: number;
  readonly address: string;
  readonly ttl: number;
  /** Bytes of the ICMP message. */
  readonly size: number;
  /** At least how many milliseconds ago it arrived: the event loop may have been busy. */
  readonly age: number;
}

/** An error that an echo request met with. */
export interface EchoError {
  readonly sequence: number;
  /** Positive. */
  readonly errno: number;
  /** The router or host that reported it; `undefined` if that was this machine's own kernel. */
  readonly reportedBy: string | undefined;
  readonly icmp: { readonly type: number; readonly code: number } | undefined;
}

/** What an echo socket is told, and tells. */
export interface EchoSocketOptions {
  readonly size: number;
  readonly ttl: number | undefined;
  onReply(reply: EchoReply): void;
  onError(error: EchoError): void;
}

/** A socket in a target's namespace that sends echo requests to one address and receives what comes of them. */
export class EchoSocket {
  readonly #fd: number;
  readonly #family: 4 | 6;
  readonly #raw: boolean;
  readonly #to: Uint8Array;
  readonly #data: Uint8Array;
  readonly #options: EchoSocketOptions;
  readonly #buffers: MessageBuffers;
  readonly #watch: ReadableWatch;
  /** Of a raw socket; the kernel gives a datagram socket one that is unique. */
  readonly #id = process.getBuiltinModule('node:crypto').randomInt(0x10000);
  #closed = false;

  /** @throws NetnsError; no file descriptor is left then */
  constructor(target: ResolvedTarget, to: Address, options: EchoSocketOptions) {
    this.#family = to.family;
    this.#options = options;
    this.#data = new Uint8Array(options.size);
    for (let index = 0; index < options.size; index += 1) this.#data[index] = index & 0xff;
    process.getBuiltinModule('node:crypto').randomFillSync(this.#data.subarray(0, NONCE_SIZE));
    this.#buffers = messageBuffers(options.size + ICMP_HEADER + MAX_IPV4_HEADER);
    const fd = openTargetSocket(target, to.family === 6 ? 'ipv6' : 'ipv4', 'ping');
    try {
      this.#raw = isRaw(fd);
      setOptions(fd, to.family, this.#raw, options.ttl);
      this.#to = encodeSocketAddress(fd, to, 0, target.label);
    } catch (error) {
      sys().close(fd);
      throw error;
    }
    this.#fd = fd;
    this.#watch = watchReadable(fd, () => this.receive());
  }

  /** Settles once replies are received. */
  get ready(): Promise<void> {
    return this.#watch.ready;
  }

  /**
   * Sends a request.
   *
   * @returns 0, or an error number of the kernel, negative
   */
  send(sequence: number): number {
    if (this.#closed) return -Errno.EBADF;
    // An error that a request before has met with is told to whatever call comes next; this takes it.
    this.receive();
    const calls = sys();
    // Each time: routes and addresses change.
    const connected = calls.connect(this.#fd, this.#to);
    if (connected < 0) return connected;
    const request = encodeEchoRequest(this.#family, { id: this.#id, sequence, data: this.#data });
    const sent = calls.send(this.#fd, request, MSG_DONTWAIT);
    return Math.min(sent, 0);
  }

  /** Takes what has arrived. */
  receive(): void {
    for (let count = 0; count < MAX_MESSAGES && !this.#closed; count += 1) {
      if (sys().recvmsg(this.#fd, this.#buffers, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) break;
      this.#readError();
    }
    let failures = 0;
    for (let count = 0; count < MAX_MESSAGES && !this.#closed; count += 1) {
      const length = sys().recvmsg(this.#fd, this.#buffers, MSG_DONTWAIT);
      if (length >= 0) this.#readReply(this.#buffers.data.subarray(0, length));
      // An error is told once, and the messages behind it can be had then.
      else if (length === -Errno.EAGAIN || ++failures > 1) break;
    }
  }

  /** Closes the socket. May be called twice. */
  close(): void {
    this.#closed = true;
    this.#watch.close();
  }

  #readReply(bytes: Uint8Array): void {
    const packet = this.#raw && this.#family === 4 ? skipIPv4Header(bytes) : { message: bytes, ttl: 0 };
    const echo = packet && readEchoReply(this.#family, packet.message);
    if (packet === undefined || echo === undefined || !this.#isOurs(echo.id, echo.data)) return;
    if (echo.data.length !== this.#data.length) return;
    let { ttl } = packet;
    let age = 0;
    for (const { level, type, data } of controlMessages(this.#buffers)) {
      if (level === IPPROTO_IP && type === IP_TTL) ttl = data.getInt32(0, LITTLE_ENDIAN);
      else if (level === IPPROTO_IPV6 && type === IPV6_HOPLIMIT) ttl = data.getInt32(0, LITTLE_ENDIAN);
      else if (level === SOL_SOCKET && type === SO_TIMESTAMPNS) age = ageOf(data);
    }
    const address = addressIn(this.#buffers.name) ?? '';
    this.#options.onReply({ sequence: echo.sequence, address, ttl, size: packet.message.length, age });
  }

  /** `struct sock_extended_err` of <linux/errqueue.h>, and behind it the address of who reported the error. */
  #readError(): void {
    const request = readEchoRequest(this.#family, this.#buffers.data);
    if (request === undefined || (this.#raw && request.id !== this.#id)) return;
    for (const { level, type, data } of controlMessages(this.#buffers)) {
      const expected = level === IPPROTO_IP ? type === IP_RECVERR : level === IPPROTO_IPV6 && type === IPV6_RECVERR;
      if (!expected || data.byteLength < 16) continue;
      const origin = data.getUint8(4);
      const remote = origin === SO_EE_ORIGIN_ICMP || origin === SO_EE_ORIGIN_ICMP6;
      const offender = new Uint8Array(data.buffer, data.byteOffset + 16, data.byteLength - 16);
      this.#options.onError({
        sequence: request.sequence,
        errno: data.getUint32(0, LITTLE_ENDIAN),
        reportedBy: remote ? addressIn(offender) : undefined,
        icmp: remote ? { type: data.getUint8(5), code: data.getUint8(6) } : undefined,
      });
    }
  }

  #isOurs(id: number, data: Uint8Array): boolean {
    if (this.#raw && id !== this.#id) return false;
    return this.#data.subarray(0, NONCE_SIZE).every((byte, index) => data[index] === byte);
  }
}

/** The address in a `struct sockaddr_in` or `struct sockaddr_in6`. */
function addressIn(name: Uint8Array): string | undefined {
  const address = readInternetAddress(name)?.address;
  if (address === undefined) return undefined;
  return address.length === 4 ? formatIPv4(address) : formatIPv6(address);
}

function isRaw(fd: number): boolean {
  const type = getIntOption(fd, SOL_SOCKET, SO_TYPE);
  if (type < 0) throw NetnsError.fromErrno(-type, 'getsockopt', 'cannot find out what kind of socket a ping has');
  return type === SOCK_RAW;
}

function setOptions(fd: number, family: 4 | 6, raw: boolean, ttl: number | undefined): void {
  const check = (result: number, what: string): void => {
    if (result < 0) throw NetnsError.fromErrno(-result, 'setsockopt', `cannot set ${what} of the socket of a ping`);
  };
  const set = (level: number, name: number, value: number, what: string): void =>
    check(setIntOption(fd, level, name, value), what);
  set(SOL_SOCKET, SO_TIMESTAMPNS, 1, 'timestamps');
  if (family === 4) {
    set(IPPROTO_IP, IP_RECVERR, 1, 'errors');
    set(IPPROTO_IP, IP_RECVTTL, 1, 'the TTL of replies');
    if (ttl !== undefined) set(IPPROTO_IP, IP_TTL, ttl, 'the TTL');
    if (raw) check(sys().setsockopt(fd, SOL_RAW, ICMP_FILTER, onlyEchoReplies()), 'the filter');
  } else {
    set(IPPROTO_IPV6, IPV6_RECVERR, 1, 'errors');
    set(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1, 'the hop limit of replies');
    if (ttl !== undefined) set(IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl, 'the hop limit');
    if (raw) check(sys().setsockopt(fd, IPPROTO_ICMPV6, ICMPV6_FILTER, onlyEchoRepliesV6()), 'the filter');
  }
}

/** How many whole milliseconds of the system's clock have passed since a `struct timespec`. */
function ageOf(timespec: DataView): number {
  const long = timespec.byteLength >= 16;
  const seconds = long ? Number(timespec.getBigInt64(0, LITTLE_ENDIAN)) : timespec.getInt32(0, LITTLE_ENDIAN);
  const nanoseconds = long ? Number(timespec.getBigInt64(8, LITTLE_ENDIAN)) : timespec.getInt32(4, LITTLE_ENDIAN);
  return Math.max(0, Date.now() - Math.ceil(seconds * 1000 + nanoseconds / 1e6));
}
