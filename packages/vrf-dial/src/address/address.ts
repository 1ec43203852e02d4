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
