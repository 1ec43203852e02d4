import { isIPv4, isIPv6 } from 'node:net';

/** A name server's address. */
export interface NameServer {
  readonly family: 'ipv4' | 'ipv6';
  /** Without brackets, port and zone. */
  readonly address: string;
  readonly port: number;
  /** The interface, by name or number, of a link-local IPv6 address; it is one of the target namespace. */
  readonly zone: string | undefined;
  /** As it was written. */
  readonly text: string;
}

const DNS_PORT = 53;
/** An address with brackets, zone and port is shorter. */
const MAX_TEXT_LENGTH = 80;
/** What the kernel takes as the name of an interface (`dev_valid_name`), or an interface's number. */
const ZONE = /^[^\s/:]{1,15}$/;

/**
 * Reads the address of a name server: `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53`, `fe80::1%eth0`,
 * `[2001:db8::53]:5353`.
 *
 * @param defaultPort where the text names none
 * @returns `undefined` for anything else
 */
export function parseNameServer(text: string, defaultPort = DNS_PORT): NameServer | undefined {
  // Node's check of addresses takes time by the square of the length.
  if (text.length > MAX_TEXT_LENGTH) return undefined;
  const match = /^\[([^\]]*)\](?::(\d{1,5}))?$/.exec(text) ?? /^([\d.]+):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? text;
  const port = match?.[2] === undefined ? defaultPort : Number(match[2]);
  if (port < 1 || port > 65_535) return undefined;
  if (isIPv4(host))
    return match !== null && text.startsWith('[')
      ? undefined
      : { family: 'ipv4', address: host, port, zone: undefined, text };
  const percent = host.indexOf('%');
  const zone = percent < 0 ? undefined : host.slice(percent + 1);
  const address = percent < 0 ? host : host.slice(0, percent);
  if (!isIPv6(address) || (zone !== undefined && !ZONE.test(zone))) return undefined;
  return { family: 'ipv6', address, port, zone, text };
}
