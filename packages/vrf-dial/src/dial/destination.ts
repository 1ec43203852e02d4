import { isIPv4, isIPv6 } from 'node:net';
import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';

/** An address, and for link-local ones the interface it is meant on. */
export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
  /** What followed the `%`: an interface's name or index in the target namespace. */
  readonly zone: string | undefined;
}

/** Reads an address, `'192.0.2.1'`, `'2001:db8::1'`, `'fe80::1%eth0'`, `'[2001:db8::1]'`; `undefined` for anything else. */
export function readAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { address: text, family: 4, zone: undefined };
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const percent = bare.indexOf('%');
  const address = percent < 0 ? bare : bare.slice(0, percent);
  if (!isIPv6(address)) return undefined;
  return { address, family: 6, zone: percent < 0 ? undefined : bare.slice(percent + 1) };
}

/**
 * Checks a host: an address or a name.
 *
 * @throws InvalidOptionError
 */
export function checkHost(option: string, host: unknown): string {
  if (typeof host !== 'string') throw new InvalidOptionError(option, `${option} must be text, not ${shown(host)}`);
  if (host === '') throw new InvalidOptionError(option, `${option} is empty: give an address or a host name`);
  if (host.includes('@'))
    throw new InvalidOptionError(option, `${option} contains '@': credentials have no place in the name of a host`);
  const address = readAddress(host);
  if (address?.zone === '')
    throw new InvalidOptionError(option, `${option} ${shown(host)} has an empty zone: name an interface after the '%'`);
  if (address === undefined && /[\s/\\[\]%:\0]/.test(host))
    throw new InvalidOptionError(option, `${option} ${shown(host)} is neither an address nor a host name`);
  return host;
}

/**
 * Checks an address to bind to, and reads it.
 *
 * @throws InvalidOptionError
 */
export function checkLocalAddress(option: string, value: unknown): Address | undefined {
  if (value === undefined || value === null) return undefined;
  const address = typeof value === 'string' ? readAddress(value) : undefined;
  if (address === undefined || address.zone === '')
    throw new InvalidOptionError(option, `${option} must be an address, not ${shown(value)}`);
  return address;
}

/**
 * Takes `host:port` apart: `'192.0.2.1:80'`, `'[2001:db8::1]:80'`, `'router.example:80'`.
 *
 * @throws InvalidOptionError
 */
export function splitHostAndPort(text: string): { host: string; port: number } {
  const bad = (reason: string): InvalidOptionError =>
    new InvalidOptionError('address', `${shown(text)} is not <vrf>/host:port: ${reason}`);
  if (text.includes('@')) throw new InvalidOptionError('address', 'the address contains credentials: leave them out');
  const colon = text.lastIndexOf(':');
  if (colon < 0) throw bad('there is no port');
  const host = text.slice(0, colon);
  const digits = text.slice(colon + 1);
  if (host.includes(':') && !host.startsWith('[')) throw bad('put an IPv6 address in brackets');
  if (!/^\d{1,5}$/.test(digits)) throw bad('the port must be a number');
  const port = Number(digits);
  if (port < 1 || port > 65535) throw bad('the port must be a whole number from 1 to 65535');
  return { host: checkHost('address', host), port };
}
