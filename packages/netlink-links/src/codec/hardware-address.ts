import { NetnsError } from 'netns-core';

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** `'02:00:00:00:00:01'` of the bytes from `start` to `end`. */
export function formatHardwareAddress(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += 1) text += at === start ? HEX[bytes[at] ?? 0] : `:${HEX[bytes[at] ?? 0]}`;
  return text;
}

/**
 * The six bytes of a MAC address, `'02:00:00:00:00:01'` (also with hyphens).
 *
 * @throws NetnsError `ERR_INVALID_HARDWARE_ADDRESS`
 */
export function parseHardwareAddress(text: string): Uint8Array {
  if (typeof text !== 'string' || !/^[0-9a-f]{1,2}([:-][0-9a-f]{1,2}){5}$/i.test(text))
    throw new NetnsError(
      `'${text}' is no hardware address: six bytes in hexadecimal with colons are wanted, such as '02:00:00:00:00:01'`,
      { code: 'ERR_INVALID_HARDWARE_ADDRESS' },
    );
  return Uint8Array.from(text.split(/[:-]/), (byte) => Number.parseInt(byte, 16));
}

/**
 * The same for an address that a link is to have: not all zeros, and no multicast address.
 *
 * @throws NetnsError `ERR_INVALID_HARDWARE_ADDRESS`
 */
export function parseLinkAddress(text: string): Uint8Array {
  const bytes = parseHardwareAddress(text);
  const [first = 0] = bytes;
  if ((first & 1) !== 0)
    throw new NetnsError(`'${text}' is a multicast address: a link can not have it (the first byte must be even)`, {
      code: 'ERR_INVALID_HARDWARE_ADDRESS',
    });
  if (bytes.every((byte) => byte === 0))
    throw new NetnsError(`'${text}' is all zeros: a link can not have it`, { code: 'ERR_INVALID_HARDWARE_ADDRESS' });
  return bytes;
}
