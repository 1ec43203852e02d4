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
  /** What the certificate must be for; `undefined` for the address. */
  readonly name: string | undefined;
  /** The path that is asked by HTTPS; `undefined` for TLS without HTTP. */
  readonly path: string | undefined;
}

/**
 * Reads a name server: an address for UDP and TCP, or `tls://192.0.2.53`, `tls://192.0.2.53:853#dns.example`,
 * `https://192.0.2.53/dns-query#dns.example`. What follows the `#` is the name in the server's certificate. The host is an
 * address, since a name would have to be asked for first.
 *
 * @returns `undefined` for anything else
 */
export function parseDnsServer(text: string): DnsServer | undefined {
  if (!text.includes('://')) return parseNameServer(text);
  if (text.length > MAX_URL_LENGTH) return undefined;
  const [, scheme, address = '', path, given] =
    /^(tls|https):\/\/([^/#?]+)(\/[\w./~%-]*)?(?:#([^#]*))?$/.exec(text) ?? [];
  if (scheme === undefined || (scheme === 'tls') !== (path === undefined)) return undefined;
  // In a URL an IPv6 address stands in brackets: without them, a port would be read as part of it.
  if (address.split(':').length > 2 && !address.startsWith('[')) return undefined;
  const server = parseNameServer(address, scheme === 'tls' ? TLS_PORT : HTTPS_PORT);
  const name = given === undefined ? undefined : normaliseName(given);
  if (server === undefined || (given !== undefined && name === undefined)) return undefined;
  return { ...server, text, secure: { name, path } };
}
