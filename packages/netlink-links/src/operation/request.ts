import type { MessageBytes } from '../message/message-bytes.js';
import type { NetlinkProtocol } from './protocol.js';

/**
 * Reads one message of an answer: its payload lies from `start` to `end`. `undefined` leaves the message out (a
 * filter that the kernel does not apply).
 */
export type Decoder<T> = (bytes: MessageBytes, start: number, end: number, type: number) => T | undefined;

/**
 * One message to the kernel and how its answers are read. A value: it can be sent any number of times.
 *
 * - `ack`: the kernel acknowledges; there is nothing to read. The message carries `NLM_F_ACK`.
 * - `one`: the kernel sends one message, or an error. The message does not carry `NLM_F_ACK`, but for an echo: the
 *   acknowledgement behind the object is dropped.
 * - `dump`: the kernel sends any number of messages. The message carries `NLM_F_DUMP`.
 * - `echo`: the kernel sends the objects that it made, if it echoes them, and acknowledges. The message carries
 *   `NLM_F_ACK | NLM_F_ECHO`.
 * - `call`: no message at all, but something that is done by other means while the thread is in the namespace.
 * - `control`: no message either, but an `ioctl` on the connection's socket.
 */
export type Request<T> =
  | AckRequest<T>
  | OneRequest<T>
  | DumpRequest<unknown, T>
  | EchoRequest<unknown, T>
  | CallRequest<T>
  | ControlRequest<T>;

/** What all messages have. */
interface Message {
  readonly message: Uint8Array;
  /** Of the socket that it is sent on, `'route'` by default. A Netlink opens those of the others when first needed. */
  readonly protocol?: NetlinkProtocol | undefined;
}

/** A request that is only acknowledged. */
export interface AckRequest<T = void> extends Message {
  readonly answer: 'ack';
  /** Never read; ties the request to the type of its result. */
  readonly result?: T;
}

/** A request for one object. */
export interface OneRequest<T> extends Message {
  readonly answer: 'one';
  readonly decode: Decoder<T>;
  /** What does not change while the kernel runs, mostly: a connection asks for it once. */
  readonly remember?: {
    /** By what it is remembered. */
    readonly key: string;
    /** Whether to ask again all the same: what is remembered has turned out to be wrong. */
    readonly anew: boolean;
  };
}

/** A request that changes something, and whose answer is what the kernel made of it. */
export interface EchoRequest<E, T = E[]> extends Message {
  readonly answer: 'echo';
  readonly decode: Decoder<E>;
  /** The result, of what the kernel made; if absent all of that. */
  value?(made: readonly E[]): T;
  /** Never read; ties the request to the type of its result. */
  readonly result?: T;
}

/** A request for all objects (that the message's filter lets through). */
export interface DumpRequest<E, T = E[]> extends Message {
  readonly answer: 'dump';
  readonly decode: Decoder<E>;
  /** The error number by which the kernel means that there are no such objects. */
  readonly emptyOn?: number;
  /** Never read; ties the request to the type of its result. */
  readonly result?: T;
}

/** What netlink does not offer (TUN devices are made with an ioctl): a function that runs inside the namespace. */
export interface CallRequest<T> extends Message {
  readonly answer: 'call';
  /** Throws what becomes the cause of the operation's error. */
  readonly call: () => T;
}

/** How an `ioctl` ended: with a value, or with the kernel's error number. */
export type ControlResult<T> = { readonly value: T } | { readonly errno: number };

/** What netlink does not offer, but the kernel does on a socket of any family: it acts in the socket's namespace. */
export interface ControlRequest<T> extends Message {
  readonly answer: 'control';
  /** @param fd the connection's socket */
  readonly control: (fd: number) => ControlResult<T>;
}

const NO_MESSAGE = new Uint8Array(0);

/** Something that is done inside the namespace by other means than netlink. It must not take long. */
export function calling<T>(call: () => T): CallRequest<T> {
  return { answer: 'call', message: NO_MESSAGE, call };
}

/** An `ioctl` on the connection's socket. It must not take long. */
export function controlling<T>(control: (fd: number) => ControlResult<T>): ControlRequest<T> {
  return { answer: 'control', message: NO_MESSAGE, control };
}

/** A request that is only acknowledged. */
export function acknowledged(message: Uint8Array, protocol?: NetlinkProtocol): AckRequest {
  return { answer: 'ack', message, protocol };
}

/** A request for one object. */
export function one<T>(message: Uint8Array, decode: Decoder<T>, protocol?: NetlinkProtocol): OneRequest<T> {
  return { answer: 'one', message, decode, protocol };
}

/** A request for all objects. */
export function dump<E>(message: Uint8Array, decode: Decoder<E>, protocol?: NetlinkProtocol): DumpRequest<E> {
  return { answer: 'dump', message, decode, protocol };
}

/** A request that makes something, whose answer is what the kernel made. */
export function echoed<E>(message: Uint8Array, decode: Decoder<E>, protocol?: NetlinkProtocol): EchoRequest<E> {
  return { answer: 'echo', message, decode, protocol };
}
