import { isIP } from 'node:net';
import { type NameServer, normaliseName, parseNameServer } from 'netns-core/etc';

const TLS_PORT = 853;
const HTTPS_PORT = 443;
/** A URL with the longest name is shorter. */
const MAX_URL_LENGTH = 1024;

/** A name server, and how it is asked. */
export interface DnsServer extends NameServer {
  /** Given for a server that is asked over TLS alone. */
  readonly secure?: SecureTransport | undefined;
}

/** How a server is asked over TLS (RFC 7858) or HTTPS (RFC 8484). */
export interface SecureTransport {
  /** What the certificate must be for: a host name, or an IP address, by default the server's own. */
  readonly name: string;
  /** The path that is asked by HTTPS; `undefined` for TLS without HTTP. */
  readonly path: string | undefined;
}

/**
 * Reads a name server: an address for UDP and TCP, or `tls://192.0.2.53`, `tls://192.0.2.53:853#dns.example`,
 * `https://192.0.2.53/dns-query#dns.example`. What follows the `#` is the name or address in the server's certificate. The
 * host is an address, since a name would have to be asked for first. Its zone may be written as in a URL (RFC 6874):
 * `tls://[fe80::1%25eth0]`.
 *
 * @returns `undefined` for anything else
 */
export function parseDnsServer(text: string): DnsServer | undefined {
  if (!text.includes('://')) return parseNameServer(text);
  if (text.length > MAX_URL_LENGTH) return undefined;
  const [, scheme, address = '', path, given] =
    /^(tls|https):\/\/([^/#?]+)(\/(?:[\w./~-]|%[\da-fA-F]{2})*)?(?:#([^#]*))?$/.exec(text) ?? [];
  if (scheme === undefined || (scheme === 'tls') !== (path === undefined)) return undefined;
  // In a URL an IPv6 address stands in brackets: without them, a port would be read as part of it.
  if (address.split(':').length > 2 && !address.startsWith('[')) return undefined;
  const server = parseNameServer(withPlainZone(address), scheme === 'tls' ? TLS_PORT : HTTPS_PORT);
  if (server === undefined) return undefined;
  const name = given === undefined ? server.address : certificateName(given);
  return name === undefined ? undefined : { ...server, text, secure: { name, path } };
}

/** `[fe80::1%eth0]` for `[fe80::1%25eth0]`. A zone after a bare `%` stays as it is, as with curl. */
function withPlainZone(address: string): string {
  const [, before, zone, after] = /^(\[[^%\]]*%)25([^\]]+)(\].*)$/.exec(address) ?? [];
  if (before === undefined || zone === undefined) return address;
  try {
    return `${before}${decodeURIComponent(zone)}${after}`;
  } catch {
    // Not an address either.
    return '';
  }
}

/** A host name or an address, with or without brackets, that a certificate can be for. */
function certificateName(text: string): string | undefined {
  const bare = /^\[(.*:.*)\]$/.exec(text)?.[1] ?? text;
  if (isIP(bare) !== 0) return bare.includes('%') ? undefined : bare;
  const name = normaliseName(bare);
  // No name ends in a number: this is a mistyped address, or one in a form that certificates do not have.
  return name === undefined || /(?:^|\.)(?:\d+|0x[\da-f]*)$/.test(name) ? undefined : name;
}
