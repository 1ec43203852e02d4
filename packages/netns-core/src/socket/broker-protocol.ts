import path from 'node:path';
import { shown } from '../checks/index.js';
import {
  InvalidNameError,
  InvalidOptionError,
  NamespaceNotFoundError,
  NetnsError,
  NotANamespaceError,
} from '../errors.js';
import { UNIX_PATH_MAX } from '../sys/index.js';
import type { SocketOptions } from './socket-options.js';
import type { BindAddress } from './source-types.js';

/** The version of the protocol. A broker refuses every other one, and names its own. */
export const BROKER_PROTOCOL = 1;
/** The longest line of a request or a reply, in bytes, its newline included. */
export const MAX_LINE_BYTES = 4096;
/** The most sockets of one request. */
export const MAX_SOCKETS = 8;

/** A client's request: one line of JSON. Descriptors never go this way. */
export type BrokerRequest = { readonly version: number; readonly namespace: string } & (
  | {
      readonly request: 'open';
      readonly family: 'ipv4' | 'ipv6';
      readonly type: 'stream' | 'dgram' | 'ping';
      readonly options: SocketOptions;
      readonly bindTo?: BindAddress | undefined;
      /** How many; 1 without it, and only 1 with `bindTo`. */
      readonly count?: number | undefined;
    }
  | { readonly request: 'netlink'; readonly protocol: number }
  /** Which file the name leads to. */
  | { readonly request: 'identify' }
  /** The same of the namespace, and its cookie. */
  | { readonly request: 'inspect' }
  /** The same as `identify` once more, each time that it is another. */
  | { readonly request: 'watch' }
);

/** An error on its way to a client. */
export interface WireError {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly errno?: number | undefined;
  readonly syscall?: string | undefined;
}

/** The broker's reply: one line of JSON; that of a successful `open` or `netlink` carries descriptors. */
export interface BrokerReply {
  readonly version: number;
  /** The name that was watched, in replies to `watch`; there without `dev`, it leads to nothing. */
  readonly namespace?: string;
  readonly error?: WireError;
  /** Device and inode, decimal. */
  readonly dev?: string;
  readonly ino?: string;
  readonly cookie?: string;
}

/** How much of a message is sent. */
const MAX_MESSAGE = 1000;

export function encodeError(error: unknown): WireError {
  if (!(error instanceof NetnsError))
    return { name: 'NetnsError', code: 'ERR_BROKER_FAILED', message: 'the broker failed: its log says why' };
  const { name, code, errno, syscall } = error;
  return { name, code, message: error.message.slice(0, MAX_MESSAGE), errno, syscall };
}

/** The classes that a client's code tells apart. */
const CLASSES: Readonly<Record<string, new (message: string, details: { code: string }) => NetnsError>> = {
  NamespaceNotFoundError,
  NotANamespaceError,
  InvalidNameError,
};

export function decodeError({ name, message, ...details }: WireError): NetnsError {
  if (name === 'InvalidOptionError') return new InvalidOptionError('options', message, details);
  const Class = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
  return new (Class ?? NetnsError)(message, details);
}

/** @throws InvalidOptionError where no socket can have this path, or where it means something else in each directory */
export function checkSocketPath(socketPath: unknown): asserts socketPath is string {
  if (
    typeof socketPath !== 'string' ||
    !path.isAbsolute(socketPath) ||
    socketPath.includes('\0') ||
    Buffer.byteLength(socketPath) >= UNIX_PATH_MAX
  )
    throw new InvalidOptionError(
      'path',
      `the path of a broker's socket must be absolute and shorter than ${UNIX_PATH_MAX} bytes, got ${shown(socketPath)}`,
    );
}
