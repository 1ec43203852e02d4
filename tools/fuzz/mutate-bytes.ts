import type { Random } from './random.ts';

const INTERESTING = [0, 1, 2, 3, 4, 5, 8, 16, 0x0a, 0x20, 0x2e, 0x3a, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xff];

/** No input grows beyond this: work must be bounded by the input, so the input is. */
export const MAX_INPUT_BYTES = 16_384;

/** One to eight changes that know nothing of the format, but for the words of its dictionary. */
export function mutateBytes(
  input: Uint8Array,
  others: readonly Uint8Array[],
  dictionary: readonly Uint8Array[],
  random: Random,
): Uint8Array {
  let bytes: Uint8Array = input.slice();
  for (let change = 1 + random.below(random.once(4) ? 8 : 3); change > 0; change -= 1) {
    const at = random.below(bytes.length + 1);
    const length = random.below(Math.min(bytes.length - at, random.once(8) ? 4096 : 32) + 1);
    switch (random.below(9)) {
      case 0:
        if (at < bytes.length) bytes[at] = random.pick(INTERESTING);
        break;
      case 1:
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 2:
        if (at < bytes.length) bytes[at] = random.below(256);
        break;
      case 3:
        bytes = spliced(bytes, at, length, new Uint8Array(0));
        break;
      case 4:
        bytes = spliced(bytes, at, 0, bytes.subarray(at, at + length));
        break;
      case 5:
        if (dictionary.length > 0) bytes = spliced(bytes, at, random.once(2) ? length : 0, random.pick(dictionary));
        break;
      case 6: {
        const other = random.pick(others);
        const from = random.below(other.length);
        bytes = spliced(bytes, at, length, other.subarray(from, from + random.below(256)));
        break;
      }
      case 7:
        bytes = bytes.slice(0, at);
        break;
      default:
        // A field of two or four bytes, in either order.
        if (at + 4 <= bytes.length) {
          const view = new DataView(bytes.buffer, bytes.byteOffset);
          const value = random.once(2) ? random.pick(INTERESTING) : random.bits();
          if (random.once(2)) view.setUint16(at, value & 0xffff, random.once(2));
          else view.setUint32(at, value, random.once(2));
        }
    }
  }
  return bytes.length > MAX_INPUT_BYTES ? bytes.slice(0, MAX_INPUT_BYTES) : bytes;
}

/** `bytes` with `removed` bytes at an offset replaced. */
export function spliced(bytes: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length - removed + inserted.length);
  result.set(bytes.subarray(0, at));
  result.set(inserted, at);
  result.set(bytes.subarray(at + removed), at + inserted.length);
  return result;
}
