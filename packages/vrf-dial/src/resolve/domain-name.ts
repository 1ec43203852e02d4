/** How many bytes {@link writeName} takes for a normalised name, or `''`, the root. */
export function wireLength(name: string): number {
  return name === '' ? 1 : name.length + 2;
}

/** Writes a normalised name as labels; returns the offset behind it. */
export function writeName(name: string, buffer: Uint8Array, offset: number): number {
  let at = offset;
  for (const label of name === '' ? [] : name.split('.')) {
    buffer[at] = label.length;
    at += 1;
    for (let index = 0; index < label.length; index += 1) {
      buffer[at] = label.charCodeAt(index);
      at += 1;
    }
  }
  buffer[at] = 0;
  return at + 1;
}

/** RFC 1035 section 2.3.4: 255 bytes with all length bytes and the root. */
const MAX_NAME = 255;
/** A name of 255 bytes has at most 127 labels; more pointers than that serve no name, only an attacker. */
const MAX_POINTERS = 127;

/** A name read from a message, bytes that no host name has as `\ddd`, and where it ended. */
export interface ReadName {
  readonly name: string;
  readonly end: number;
}

/**
 * Reads a name, compressed or not. Pointers must lead backwards, so that none can run in circles.
 *
 * @param asWritten keeps upper case letters; without it the name is in lower case, in which names are compared
 * @returns `undefined` for anything that is cut off, too long or not made as RFC 1035 says
 */
export function readName(message: Uint8Array, offset: number, asWritten = false): ReadName | undefined {
  let name = '';
  let at = offset;
  let end = -1;
  let limit = offset;
  let length = 1;
  let pointers = 0;
  for (;;) {
    const size = message[at];
    if (size === undefined) return undefined;
    if (size === 0) return { name, end: end < 0 ? at + 1 : end };
    if ((size & 0xc0) === 0xc0) {
      const low = message[at + 1];
      if (low === undefined) return undefined;
      const target = ((size & 0x3f) << 8) | low;
      pointers += 1;
      if (target >= limit || pointers > MAX_POINTERS) return undefined;
      if (end < 0) end = at + 2;
      limit = target;
      at = target;
      continue;
    }
    length += size + 1;
    if ((size & 0xc0) !== 0 || length > MAX_NAME || at + 1 + size > message.length) return undefined;
    if (name !== '') name += '.';
    for (let index = at + 1; index <= at + size; index += 1) name += printable(message[index] ?? 0, asWritten);
    at += size + 1;
  }
}

function printable(byte: number, asWritten: boolean): string {
  if (byte >= 0x41 && byte <= 0x5a) return String.fromCharCode(asWritten ? byte : byte + 0x20);
  if ((byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x5f)
    return String.fromCharCode(byte);
  return `\\${String(byte).padStart(3, '0')}`;
}
