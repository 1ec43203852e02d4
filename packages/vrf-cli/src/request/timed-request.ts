import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { createVrfLookup, dial } from 'vrf-dial/node';
import type { TlsSettings } from '../commands/tls.js';
import { Failure } from '../failure.js';
import type { Target } from '../target.js';
import { tlsFailure } from './tls-failure.js';
import { warmUp } from './warm-up.js';

/** What is asked for. */
export interface RequestSettings {
  readonly url: URL;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: Buffer;
  readonly tls: TlsSettings;
  /** Milliseconds for everything together. */
  readonly timeout: number;
  readonly family: 0 | 4 | 6;
}

/** How long each phase took, in milliseconds. A phase that there was not is `undefined`. */
export interface Timing {
  /** Resolving the name. */
  readonly dns: number | undefined;
  /** Connecting, without resolving. */
  readonly connect: number;
  /** The TLS handshake. */
  readonly tls: number | undefined;
  /** From the request to the first byte of the response. */
  readonly firstByte: number;
  /** Receiving the rest of it. */
  readonly transfer: number;
  readonly total: number;
}

/** What came of a request. */
export interface TimedResponse {
  readonly url: URL;
  readonly status: number;
  readonly statusText: string;
  readonly httpVersion: string;
  readonly headers: IncomingHttpHeaders;
  /** As they came, in pairs. */
  readonly headerLines: readonly (readonly [string, string])[];
  readonly remote: { readonly address: string | undefined; readonly port: number | undefined };
  readonly local: { readonly address: string | undefined; readonly port: number | undefined };
  readonly tls: { readonly protocol: string; readonly cipher: string; readonly authorized: boolean } | undefined;
  readonly body: Buffer;
  readonly timing: Timing;
}

/**
 * Sends one HTTP request over a connection of its own from a target, and measures its phases.
 *
 * @throws what `dial`, TLS and `http.request` fail with; Failure after `timeout`
 */
export async function timedRequest(target: Target, settings: RequestSettings): Promise<TimedResponse> {
  const { url, timeout } = settings;
  const deadline = new AbortController();
  const timer = setTimeout(
    () => deadline.abort(new Failure(`no complete response from ${url.host} within ${timeout} ms`)),
    timeout,
  );
  let socket: Socket | undefined;
  try {
    await warmUp();
    const start = performance.now();
    const connected = await connect(target, settings, deadline.signal);
    socket = connected.socket;
    const secured = url.protocol === 'https:' ? await secure(socket, settings, deadline.signal) : undefined;
    socket = secured ?? socket;
    const sent = performance.now();
    const exchanged = await exchange(socket, settings, deadline.signal);
    const { response, body, firstByteAt } = exchanged;
    const end = performance.now();
    const connectEnd = connected.at;
    return {
      url,
      status: response.statusCode ?? 0,
      statusText: response.statusMessage ?? '',
      httpVersion: response.httpVersion,
      headers: response.headers,
      headerLines: inPairs(response.rawHeaders),
      remote: connected.remote,
      local: connected.local,
      tls: secured && {
        protocol: secured.getProtocol() ?? '',
        cipher: secured.getCipher().name,
        authorized: secured.authorized,
      },
      body,
      timing: {
        dns: connected.dns,
        connect: connectEnd - start - (connected.dns ?? 0),
        tls: secured && sent - connectEnd,
        firstByte: firstByteAt - sent,
        transfer: end - firstByteAt,
        total: end - start,
      },
    };
  } finally {
    clearTimeout(timer);
    socket?.destroy();
  }
}

interface Connected {
  readonly socket: Socket;
  readonly at: number;
  readonly dns: number | undefined;
  readonly remote: TimedResponse['remote'];
  readonly local: TimedResponse['local'];
}

async function connect(target: Target, { url, family }: RequestSettings, signal: AbortSignal): Promise<Connected> {
  const host = hostOf(url);
  let dns: number | undefined;
  const lookupThere = createVrfLookup(target) as LookupFunction;
  const lookup: LookupFunction = (hostname, options, callback) => {
    const start = performance.now();
    lookupThere(hostname, options, (...result) => {
      dns = performance.now() - start;
      callback(...result);
    });
  };
  const port = portOf(url);
  const named = isIP(host.split('%')[0] ?? '') === 0;
  const socket = await dial({
    ...target,
    host,
    port,
    family,
    timeout: 0,
    signal,
    noDelay: true,
    ...(named && { lookup }),
  });
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  return {
    socket,
    at: performance.now(),
    dns,
    remote: { address: remoteAddress, port: remotePort },
    local: { address: localAddress, port: localPort },
  };
}

function portOf({ port, protocol }: URL): number {
  return Number(port) || (protocol === 'https:' ? 443 : 80);
}

/** A URL has IPv6 addresses in brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

function secure(socket: Socket, { url, tls }: RequestSettings, signal: AbortSignal): Promise<TLSSocket> {
  const host = hostOf(url);
  return new Promise((resolve, reject) => {
    const name = isIP(host) === 0 ? { servername: host } : { host };
    const secured = tlsConnect({ ...name, ...tls, socket, ALPNProtocols: ['http/1.1'] });
    const onAbort = (): void => void secured.destroy(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    secured.once('secureConnect', () => resolve(secured));
    secured.once('error', (error) => reject(tlsFailure(error, host, portOf(url))));
    secured.once('close', () => {
      signal.removeEventListener('abort', onAbort);
      reject(new Failure(`${url.host} closed the connection during the TLS handshake`));
    });
  });
}

interface Exchanged {
  readonly response: IncomingMessage;
  readonly body: Buffer;
  readonly firstByteAt: number;
}

function exchange(socket: Socket, settings: RequestSettings, signal: AbortSignal): Promise<Exchanged> {
  const { url, method, headers, body } = settings;
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        createConnection: () => socket,
        method,
        path: `${url.pathname}${url.search}`,
        headers: headersOf(headers, url, body),
        signal,
      },
      (response) => {
        const firstByteAt = performance.now();
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('end', () => resolve({ response, body: Buffer.concat(chunks), firstByteAt }));
        response.once('error', fail);
      },
    );
    // Node wraps the reason of the signal.
    const fail = (error: unknown): void => reject(signal.aborted ? signal.reason : error);
    request.once('error', fail);
    request.end(body);
  });
}

function headersOf(
  given: readonly (readonly [string, string])[],
  url: URL,
  body: Buffer | undefined,
): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {
    host: url.host,
    accept: '*/*',
    'user-agent': 'vrf-cli',
    connection: 'close',
    ...(body !== undefined && {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(body.length),
    }),
  };
  const own = new Set<string>();
  for (const [name, value] of given) {
    const key = name.toLowerCase();
    const before = headers[key];
    headers[key] = own.has(key) && before !== undefined ? [before, value].flat() : value;
    own.add(key);
  }
  return headers;
}

function inPairs(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) pairs.push([raw[index] ?? '', raw[index + 1] ?? '']);
  return pairs;
}
