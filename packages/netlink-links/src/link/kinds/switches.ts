import { checkBoolean } from 'netns-core/checks';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import type { Spread } from '../../message/fields.js';

/** The properties of a kind that are switches. */
type SwitchOf<A> = { [K in keyof A]-?: NonNullable<A[K]> extends boolean ? K : never }[keyof A] & string;

/**
 * Switches that are bits of one number, in a structure of two: the bits, and which are meant.
 *
 * @param order of the two; the mask first where it is so in the kernel
 */
export function switches<A extends object>(
  attribute: number,
  bits: readonly (readonly [name: SwitchOf<A>, bit: number])[],
  order: 'flags, mask' | 'mask, flags' = 'flags, mask',
): Spread<A> {
  const [flagsAt, maskAt] = order === 'flags, mask' ? [0, 4] : [4, 0];
  return {
    properties: bits.map(([name]) => name),
    attributes: [attribute],
    read(data, into) {
      const flags = data.u32At(flagsAt);
      for (const [name, bit] of bits) (into as Record<string, boolean>)[name] = (flags & bit) !== 0;
    },
    check(link) {
      for (const [name] of bits) checkBoolean(name, link[name]);
    },
    write(writer, link) {
      let flags = 0;
      let mask = 0;
      for (const [name, bit] of bits) {
        if (link[name] === undefined) continue;
        mask |= bit;
        if (link[name] === true) flags |= bit;
      }
      if (mask !== 0)
        writer.struct(attribute, 8, (view, at) => {
          view.setUint32(at + flagsAt, flags, LITTLE_ENDIAN);
          view.setUint32(at + maskAt, mask, LITTLE_ENDIAN);
        });
    },
  };
}
