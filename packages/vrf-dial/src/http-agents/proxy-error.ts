import { NetnsError } from 'netns-core';
import { AllAddressesFailedError, DialError, hostAndPort } from '../dial/index.js';
import { NameResolutionError } from '../resolve/index.js';

/** What a connection through a proxy is wanted to. */
export interface Destination {
  readonly host: string;
  readonly port: number;
}

/**
 * A connection through a proxy that was not made. `host` and `port` are the destination. `code` is that of the connection
 * to the proxy (`ECONNREFUSED`, `ETIMEDOUT`, `ENOTFOUND`, …) or `ERR_PROXY_TUNNEL`, Node's own, where the proxy was
 * reached and gave no tunnel.
 */
export class ProxyError extends DialError {
  override name = 'ProxyError';
  /** The proxy's URL, without credentials. */
  readonly proxy: string;
  /** The status of the proxy's response to CONNECT; not there where it sent none. */
  readonly statusCode?: number;

  constructor(
    reason: string,
    details: Destination & { proxy: string; code: string; statusCode?: number | undefined; cause?: unknown },
  ) {
    const { host, port, proxy, statusCode, cause } = details;
    const { errno, syscall, address } = (cause ?? {}) as { errno?: number; syscall?: string; address?: string };
    super(`cannot connect to ${hostAndPort(host, port)} through the proxy ${proxy}: ${reason}`, {
      ...{ code: details.code, errno, syscall, host, port, address, cause },
    });
    this.proxy = proxy;
    if (statusCode !== undefined) this.statusCode = statusCode;
  }
}

/** The error of a tunnel that the proxy did not open. */
export function tunnelError(
  reason: string,
  proxy: { readonly url: string },
  destination: Destination,
  details: { statusCode?: number | undefined; cause?: unknown } = {},
): ProxyError {
  return new ProxyError(`${reason} (ERR_PROXY_TUNNEL)`, {
    ...{ ...destination, ...details, proxy: proxy.url, code: 'ERR_PROXY_TUNNEL' },
  });
}

/**
 * What the connection to a proxy failed with, as the error of the connection through it.
 *
 * @param error stays as it is if it is about the namespace and not about the proxy
 */
export function throughProxy(error: Error, proxy: { readonly url: string }, destination: Destination): Error {
  if (error instanceof ProxyError) return error;
  const isOfConnection =
    error instanceof DialError || error instanceof AllAddressesFailedError || error instanceof NameResolutionError;
  if (error instanceof NetnsError && !isOfConnection) return error;
  const { code = 'ERR_PROXY_TUNNEL' } = error as NodeJS.ErrnoException;
  return new ProxyError(error.message, { ...destination, proxy: proxy.url, code, cause: error });
}
