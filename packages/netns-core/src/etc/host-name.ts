import { domainToASCII } from 'node:url';

/** What a label of a host name may hold. By the book a host name has no underscores; they are in use all the same. */
const LABEL = /^[a-z0-9_-]{1,63}$/;
/** More characters than a name has that is 253 bytes long when it has been brought into the form of the DNS. */
const MAX_TEXT_LENGTH = 1024;

/**
 * Brings a host name into the form in which it is asked for: lower case, international letters as `xn--…`, without
 * the final dot.
 *
 * @returns `undefined` for what cannot be a host name in the DNS: empty labels, labels over 63 bytes, names over 253,
 *   spaces and other strange characters
 */
export function normaliseName(name: string): string | undefined {
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  if (bare.length > MAX_TEXT_LENGTH) return undefined;
  const plain = asciiName(bare);
  if (plain === '' || plain.length > 253) return undefined;
  for (const label of plain.split('.')) if (!LABEL.test(label)) return undefined;
  return plain;
}

/** A name in lower case, with international letters as `xn--…` if they can be written so. */
export function asciiName(name: string): string {
  // Punycode takes time by the square of the length, and no name is as long.
  if (isAscii(name) || name.length > MAX_TEXT_LENGTH) return name.toLowerCase();
  return domainToASCII(name) || name.toLowerCase();
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}
