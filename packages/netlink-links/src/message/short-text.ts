import type { MessageBytes } from './message-bytes.js';

/**
 * Short texts that were met last, by their bytes: names of links, labels and kinds come again and again in a dump, and
 * comparing four words is faster than making a string. Bounded, and shared by all that is read on this thread.
 */
const SLOTS = 1024;
const words = new Uint32Array(SLOTS * 4);
const texts: string[] = new Array<string>(SLOTS).fill('');
const LONGEST = 16;

/** The text of up to 16 ASCII characters from `start` on, a multiple of four, up to a NUL or `end`; `undefined` for any other. */
export function readShortText(bytes: MessageBytes, start: number, end: number): string | undefined {
  const { u8 } = bytes;
  const length = end - start;
  let text = 0;
  while (text < length && u8[start + text] !== 0) {
    text += 1;
    if (text > LONGEST) return undefined;
  }
  const a = word(u8, start, text, 0);
  const b = text > 4 ? word(u8, start, text, 4) : 0;
  const c = text > 8 ? word(u8, start, text, 8) : 0;
  const d = text > 12 ? word(u8, start, text, 12) : 0;
  if (((a | b | c | d) & 0x80808080) !== 0) return undefined;
  const slot =
    (Math.imul(a ^ Math.imul(b, 0x9e3779b1) ^ (c >>> 3) ^ Math.imul(d, 0x85ebca6b), 0x9e3779b1) >>> 22) & (SLOTS - 1);
  const at = slot * 4;
  if (words[at] === a >>> 0 && words[at + 1] === b >>> 0 && words[at + 2] === c >>> 0 && words[at + 3] === d >>> 0)
    return texts[slot];
  const made = String.fromCharCode.apply(null, u8.subarray(start, start + text) as unknown as number[]);
  words[at] = a;
  words[at + 1] = b;
  words[at + 2] = c;
  words[at + 3] = d;
  texts[slot] = made;
  return made;
}

/** Four bytes of the text; what lies behind its end counts as zero. */
function word(u8: Uint8Array, start: number, length: number, from: number): number {
  let value = 0;
  for (let i = 0; i < 4 && from + i < length; i += 1) value |= (u8[start + from + i] ?? 0) << (i * 8);
  return value;
}
