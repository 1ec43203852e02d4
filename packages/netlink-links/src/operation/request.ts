import type { MessageBytes } from '../message/message-bytes.js';

/**
 * Reads one message of an answer: its payload lies from `start` to `end`. `undefined` leaves the message out (a
 * filter that the kernel does not apply).
 */
export type Decoder<T> = (bytes: MessageBytes, start: number, end: number, type: number) => T | undefined;

/**
 * One message to the kernel and how its answers are read. A value: it can be sent any number of times.
 *
 * - `ack`: the kernel acknowledges; there is nothing to read. The message carries `NLM_F_ACK`.
 * - `one`: the kernel sends one message, or an error. The message does not carry `NLM_F_ACK`.
 * - `dump`: the kernel sends any number of messages. The message carries `NLM_F_DUMP`.
 * - `call`: no message at all, but something that is done by other means while the thread is in the namespace.
 */
export type Request<T> = AckRequest<T> | OneRequest<T> | DumpRequest<unknown, T> | CallRequest<T>;

/** A request that is only acknowledged. */
export interface AckRequest<T = void> {
  readonly answer: 'ack';
  readonly message: Uint8Array;
  /** Never read; ties the request to the type of its result. */
  readonly result?: T;
}

/** A request for one object. */
export interface OneRequest<T> {
  readonly answer: 'one';
  readonly message: Uint8Array;
  readonly decode: Decoder<T>;
}

/** A request for all objects (that the message's filter lets through). */
export interface DumpRequest<E, T = E[]> {
  readonly answer: 'dump';
  readonly message: Uint8Array;
  readonly decode: Decoder<E>;
  /** The error number by which the kernel means that there are no such objects. */
  readonly emptyOn?: number;
  /** Never read; ties the request to the type of its result. */
  readonly result?: T;
}

/** What netlink does not offer (TUN devices are made with an ioctl): a function that runs inside the namespace. */
export interface CallRequest<T> {
  readonly answer: 'call';
  readonly message: Uint8Array;
  /** Throws what becomes the cause of the operation's error. */
  readonly call: () => T;
}

const NO_MESSAGE = new Uint8Array(0);

/** Something that is done inside the namespace by other means than netlink. It must not take long. */
export function calling<T>(call: () => T): CallRequest<T> {
  return { answer: 'call', message: NO_MESSAGE, call };
}

/** A request that is only acknowledged. */
export function acknowledged(message: Uint8Array): AckRequest {
  return { answer: 'ack', message };
}

/** A request for one object. */
export function one<T>(message: Uint8Array, decode: Decoder<T>): OneRequest<T> {
  return { answer: 'one', message, decode };
}

/** A request for all objects. */
export function dump<E>(message: Uint8Array, decode: Decoder<E>): DumpRequest<E> {
  return { answer: 'dump', message, decode };
}
