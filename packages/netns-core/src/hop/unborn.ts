import { Socket as DatagramSocket } from 'node:dgram';
import { EventEmitter } from 'node:events';
import { Server, Socket } from 'node:net';
import { isAsyncFunction, isGeneratorFunction, isGeneratorObject, isPromise } from 'node:util/types';
import { AsyncCallbackError } from '../errors.js';
import { hasFd, stopConnecting, stopRequest, stopSession } from './connecting-sockets.js';

// Not imported: that would read all that the module exports, and load undici since Node 22. Nor loaded when it is needed,
// which is within a hop: a script that V8 ends while Node loads a module leaves half of it to the whole process.
const { ClientRequest } = process.getBuiltinModule('node:http');

/**
 * Refuses functions that are asynchronous by their kind, before they are called.
 *
 * @throws AsyncCallbackError
 */
export function refuseAsyncFunction(fn: unknown): void {
  if (typeof fn !== 'function')
    throw new AsyncCallbackError(`a function is expected, not ${fn === null ? 'null' : typeof fn}`, {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  // What most functions are. Asking V8 costs as much as a system call, and a result is examined in any case.
  if (fn.constructor === Function) return;
  if (isAsyncFunction(fn))
    throw new AsyncCallbackError(
      'the function given to a namespace hop is asynchronous: what follows its first await would run outside the namespace. Make the socket (or the process) in a synchronous function, and go on with it after the hop',
      { code: 'ERR_ASYNC_CALLBACK' },
    );
  if (isGeneratorFunction(fn))
    throw new AsyncCallbackError(
      'the function given to a namespace hop is a generator: it would run when it is iterated over, outside the namespace',
      { code: 'ERR_ASYNC_CALLBACK' },
    );
}

/**
 * Refuses results whose work would be done after the hop, outside the namespace: promises, and Node's objects that
 * have yet to call socket(2). What is refused is destroyed.
 *
 * @throws AsyncCallbackError
 */
export function refuseUnborn(result: unknown): void {
  if ((typeof result !== 'object' && typeof result !== 'function') || result === null) return;
  if (typeof (result as { then?: unknown }).then === 'function') {
    // Nobody will look at this promise: its failure must not end the process. Other thenables are left alone, since
    // many begin their work when `then` is called. A promise may be of another realm, or a subclass.
    stopConnecting();
    if (isPromise(result)) Promise.prototype.then.call(result, undefined, () => {});
    throw new AsyncCallbackError(
      'the function given to a namespace hop returned a promise: what it does later would happen outside the namespace. Return something that is there at once, such as a file descriptor of openSocket()',
      { code: 'ERR_ASYNC_CALLBACK' },
    );
  }
  if (isGeneratorObject(result))
    throw new AsyncCallbackError(
      'the function given to a namespace hop returned a generator: it would run when it is iterated over, outside the namespace',
      { code: 'ERR_ASYNC_CALLBACK' },
    );
  for (const object of [result, ...contents(result)]) refuseUnbornObject(object);
}

/** What an array or a plain object holds, one level deep: a server in `{ server }` is as unborn as a server. */
function contents(result: object): object[] {
  if (!Array.isArray(result) && Object.getPrototypeOf(result) !== Object.prototype) return [];
  const objects: object[] = [];
  // Not the values themselves: to read a property of an object may run a function of its owner.
  for (const { value } of Object.values(Object.getOwnPropertyDescriptors(result)))
    if (typeof value === 'object' && value !== null) objects.push(value);
  return objects;
}

function refuseUnbornObject(result: object): void {
  const kind = unbornKind(result);
  if (kind === undefined) return;
  discard(result);
  throw new AsyncCallbackError(
    `the function given to a namespace hop returned a ${kind} that has no socket yet: Node would make it later, outside the namespace. It was destroyed. Make the socket with openSocket() and hand its file descriptor to Node`,
    { code: 'ERR_ASYNC_CALLBACK' },
  );
}

function unbornKind(result: object): string | undefined {
  if (result instanceof Socket) return hasFd(result) ? undefined : 'net.Socket';
  if (result instanceof Server) return hasFd(result) ? undefined : 'net.Server';
  if (result instanceof DatagramSocket) return datagramFd(result) >= 0 ? undefined : 'dgram.Socket';
  if (result instanceof ClientRequest) return result.socket && hasFd(result.socket) ? undefined : 'http.ClientRequest';
  if (result instanceof EventTarget)
    for (const name of ['WebSocket', 'EventSource'] as const) {
      // Until the first one is made it is a getter, which would load undici.
      const kind: unknown = Object.getOwnPropertyDescriptor(globalThis, name)?.value;
      if (typeof kind === 'function' && result instanceof kind && (result as { readyState?: unknown }).readyState === 0)
        return name;
    }
  // An http2 client session: its class is not public. Nothing is asked of objects that are not emitters, since
  // reading a property of a foreign object may do anything.
  if (!(result instanceof EventEmitter)) return undefined;
  const session = result as { connecting?: unknown; alpnProtocol?: unknown; destroy?: unknown };
  if (session.connecting === true && typeof session.destroy === 'function' && 'originSet' in session)
    return 'http2 session';
  return undefined;
}

/** A datagram socket keeps its handle behind a symbol of its own. */
function datagramFd(socket: DatagramSocket): number {
  for (const symbol of Object.getOwnPropertySymbols(socket)) {
    if (symbol.description !== 'state symbol') continue;
    const state = (socket as unknown as Record<symbol, { handle?: { fd?: number } | null }>)[symbol];
    return state?.handle?.fd ?? -1;
  }
  return -1;
}

function discard(result: object): void {
  const closable = result as { on?: unknown; destroy?: () => void; close?: () => void };
  // Its error is already told by ours.
  if (typeof closable.on === 'function') (result as NodeJS.EventEmitter).on('error', () => {});
  stopConnecting();
  // Before they are destroyed: a session forgets its socket.
  if (result instanceof ClientRequest) stopRequest(result);
  else if (!(result instanceof Socket)) stopSession(result);
  try {
    if (typeof closable.destroy === 'function') closable.destroy();
    else closable.close?.();
  } catch {
    // A server or a socket that was not open yet.
  }
}
