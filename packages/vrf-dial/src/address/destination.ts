import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { readAddress } from './address.js';

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
