import type { AttributeReader } from '../message/attribute-reader.js';
import type { MessageWriter } from '../message/message-writer.js';
import {
  ETHTOOL_A_BITSET_BIT_INDEX,
  ETHTOOL_A_BITSET_BIT_NAME,
  ETHTOOL_A_BITSET_BIT_VALUE,
  ETHTOOL_A_BITSET_BITS,
  ETHTOOL_A_BITSET_BITS_BIT,
  ETHTOOL_A_BITSET_MASK,
  ETHTOOL_A_BITSET_NOMASK,
  ETHTOOL_A_BITSET_SIZE,
  ETHTOOL_A_BITSET_VALUE,
} from '../uapi/ethtool-netlink.js';

/** Named bits: those that are said to be set, and those that are said not to be. */
export type NamedBits = ReadonlyMap<string, boolean>;

/**
 * Reads a set of bits: in its long form, in which bits have names, or in the short one of notifications, in which they
 * are those of a number. A bit without a name has its number.
 *
 * @param names of the bits, for the short form
 * @param notKnown is called on what is not known here
 */
export function readBitset(
  set: AttributeReader,
  names: readonly string[] = [],
  notKnown: () => void = () => {},
): NamedBits {
  const bits = new Map<string, boolean>();
  let isList = false;
  let size = 0;
  let value: AttributeReader | undefined;
  let mask: AttributeReader | undefined;
  while (set.next())
    switch (set.type) {
      case ETHTOOL_A_BITSET_NOMASK:
        isList = true;
        break;
      case ETHTOOL_A_BITSET_SIZE:
        size = set.u32();
        break;
      case ETHTOOL_A_BITSET_VALUE:
        value = set.standing();
        break;
      case ETHTOOL_A_BITSET_MASK:
        mask = set.standing();
        break;
      case ETHTOOL_A_BITSET_BITS:
        readNamedBits(set.nested(), isList, bits, notKnown);
        break;
      default:
        notKnown();
    }
  if (value !== undefined)
    for (let bit = 0; bit < Math.min(size, value.length * 8); bit += 1) {
      const isSet = hasBit(value, bit);
      // A list has those that are set, and a mask says which are meant.
      if (mask === undefined ? isSet : hasBit(mask, bit)) bits.set(nameOf(names[bit], bit), isSet);
    }
  return bits;
}

/** Whether a bit of an array of 32-bit words is set. */
function hasBit(words: AttributeReader, bit: number): boolean {
  return ((words.u32At((bit >>> 5) * 4) >>> (bit & 31)) & 1) !== 0;
}

const nameOf = (name: string | undefined, bit: number): string =>
  name === undefined || name === '' ? String(bit) : name;

function readNamedBits(list: AttributeReader, isList: boolean, into: Map<string, boolean>, notKnown: () => void): void {
  while (list.next()) {
    if (list.type !== ETHTOOL_A_BITSET_BITS_BIT) {
      notKnown();
      continue;
    }
    let name = '';
    let index = 0;
    let value = false;
    const bit = list.nested();
    while (bit.next())
      if (bit.type === ETHTOOL_A_BITSET_BIT_NAME) name = bit.string();
      else if (bit.type === ETHTOOL_A_BITSET_BIT_INDEX) index = bit.u32();
      else if (bit.type === ETHTOOL_A_BITSET_BIT_VALUE) value = true;
      else notKnown();
    // A list names those that are set, and no others.
    into.set(nameOf(name, index), value || isList);
  }
}

/** The names of the bits that are set. */
export function setBits(bits: NamedBits): string[] {
  return [...bits].filter(([, value]) => value).map(([name]) => name);
}

/** Writes bits by their names. @param isList whether bits that are not named are to be cleared */
export function writeBitset(writer: MessageWriter, attribute: number, bits: NamedBits, isList = false): void {
  writer.nest(
    attribute,
    (set) => {
      if (isList) set.flag(ETHTOOL_A_BITSET_NOMASK);
      set.nest(
        ETHTOOL_A_BITSET_BITS,
        (list) => {
          for (const [name, value] of bits)
            list.nest(
              ETHTOOL_A_BITSET_BITS_BIT,
              (bit) => {
                bit.string(ETHTOOL_A_BITSET_BIT_NAME, name);
                if (value) bit.flag(ETHTOOL_A_BITSET_BIT_VALUE);
              },
              true,
            );
        },
        true,
      );
    },
    true,
  );
}
