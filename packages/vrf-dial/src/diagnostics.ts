import { channel } from 'node:diagnostics_channel';
import type { AddressInfo, Socket } from 'node:net';

/** Published on `vrf-dial:dial:start`: a connection is wanted. */
export interface DialStartMessage {
  /** The target as messages call it, `VRF 'red' (namespace 'ns-red')`. */
  readonly target: string;
  readonly host: string;
  readonly port: number;
}

/** Published on `vrf-dial:dial:connected`: there is one. */
export interface DialConnectedMessage extends DialStartMessage {
  /** The address that answered. */
  readonly address: string;
  readonly socket: Socket;
  /** How long it took, in milliseconds, name resolution and waiting included. */
  readonly duration: number;
}

/** Published on `vrf-dial:dial:error`: there is none. */
export interface DialErrorMessage extends DialStartMessage {
  readonly error: unknown;
  /** How long it took, in milliseconds. */
  readonly duration: number;
}

/** Published on `vrf-dial:resolve`: a host name was resolved, or was not. */
export interface ResolveMessage {
  readonly target: string;
  readonly hostname: string;
  /** Where the answer came from. */
  readonly source: 'cache' | 'hosts' | 'server' | 'local';
  /** The addresses; not there when it failed. */
  readonly addresses?: readonly string[];
  readonly error?: unknown;
  /** How long it took, in milliseconds. */
  readonly duration: number;
}

/** Published on `vrf-dial:listen`: a listener changed its state. */
export interface ListenMessage {
  readonly target: string;
  readonly state: 'waiting' | 'listening' | 'closed';
  readonly requested: { readonly host: string | undefined; readonly port: number };
  /** Where it listens; null unless the state is `listening`. */
  readonly address: AddressInfo | null;
  /** What made it so, if it was an error. */
  readonly error?: unknown;
}

/** Published on `vrf-dial:replaced`: the namespace of open connections is gone, or another has its name. */
export interface ReplacedMessage {
  readonly target: string;
  /** What became of running requests. */
  readonly onReplaced: 'drain' | 'abort';
  /** Connections in the old namespace at that moment. */
  readonly connections: number;
}

/**
 * The channels of `node:diagnostics_channel` that this package publishes on. Nothing is built or measured for a
 * channel without subscribers.
 */
export const channels = {
  dialStart: channel('vrf-dial:dial:start'),
  dialConnected: channel('vrf-dial:dial:connected'),
  dialError: channel('vrf-dial:dial:error'),
  resolve: channel('vrf-dial:resolve'),
  listen: channel('vrf-dial:listen'),
  replaced: channel('vrf-dial:replaced'),
};

/** What this process has done since it started. Plain numbers, counted whether or not anybody looks. */
export interface Counters {
  /** Connections wanted. */
  dials: number;
  /** Connections made. */
  connected: number;
  /** Connections that failed. */
  failed: number;
  /** Connections dropped since their namespace was removed or replaced. */
  dropped: number;
  /** Times that an agent or connector saw its namespace removed or replaced. */
  replaced: number;
  /** Host names looked up. */
  lookups: number;
  /** Of those, how many the cache answered. */
  cached: number;
  /** Times that a listener was bound. */
  bound: number;
}

/** @internal counted where it happens */
export const count: Counters = {
  dials: 0,
  connected: 0,
  failed: 0,
  dropped: 0,
  replaced: 0,
  lookups: 0,
  cached: 0,
  bound: 0,
};

/** The counters as they are now. */
export function counters(): Counters {
  return { ...count };
}

/**
 * Something that takes notes. Each method gets a sentence and the values behind it; loggers that take these the other way
 * round (pino, and with it fastify's `log`; bunyan) get them so, an error as `err`.
 */
export interface VrfLogger {
  info?(message: string, details?: unknown): void;
  warn?(message: string, details?: unknown): void;
}

/**
 * Calls code of the user's: a logger, a callback. What it throws is an uncaught exception, as that of an event listener
 * would be, and changes nothing of what the caller of this does next.
 */
export function callUser(call: () => void): void {
  try {
    call();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}

/** Logs a sentence, if there is a logger. To be called when the work that it is about is done. */
export function log(logger: VrfLogger | undefined, level: 'info' | 'warn', message: string, details?: unknown): void {
  if (logger === undefined) return;
  callUser(() => {
    if (isObjectFirst(logger)) (logger[level] as ObjectFirst | undefined)?.call(logger, fieldsOf(details), message);
    else logger[level]?.(message, details);
  });
}

type ObjectFirst = (fields: object, message: string) => void;

/** pino has `bindings`, bunyan `addSerializers`; loggers that take the message first have neither. */
function isObjectFirst(logger: VrfLogger): boolean {
  const { bindings, addSerializers } = logger as { bindings?: unknown; addSerializers?: unknown };
  return typeof bindings === 'function' || typeof addSerializers === 'function';
}

function fieldsOf(details: unknown): object {
  if (details instanceof Error) return { err: details };
  return typeof details === 'object' && details !== null ? details : details === undefined ? {} : { details };
}
