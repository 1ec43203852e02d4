import { LITTLE_ENDIAN } from '../../message/endianness.js';
import type { MessageBytes } from '../../message/message-bytes.js';
import { INET_DIAG_NOCOOKIE } from '../../uapi/sock-diag.js';

/** The cookie at an offset, its lower half first. */
export function cookieAt({ view, u32 }: MessageBytes, at: number): bigint {
  if (LITTLE_ENDIAN) return view.getBigUint64(at, true);
  return (BigInt(u32[(at >> 2) + 1] ?? 0) << 32n) | BigInt(u32[at >> 2] ?? 0);
}

/** Both halves of a cookie, as requests have them. */
export function cookieWords(cookie: bigint | undefined): readonly [low: number, high: number] {
  return cookie === undefined
    ? [INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE]
    : [Number(cookie & 0xffffffffn), Number(cookie >> 32n)];
}
