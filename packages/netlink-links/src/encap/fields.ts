import { checkArray, checkBigint, checkBytes, mustBe } from '../message/checks.js';
import type { Field } from '../message/fields.js';
import { flagBits, flagNames } from '../message/flag-names.js';
import { NLA_F_NESTED } from '../uapi/netlink.js';

/** 64 bits in network byte order. */
export const u64be = (attribute: number): Field<bigint> => ({
  attribute,
  read: (data) => data.u64be(),
  check: (property, value) => checkBigint(property, value),
  write: (writer, type, value) => void writer.u64be(type, value),
});

/** Attributes as they are. */
export const nestedBytes = (attribute: number): Field<Uint8Array> => ({
  attribute,
  read: (data) => data.copy(),
  check: (property, value) => checkBytes(property, value),
  write: (writer, type, value) => void writer.bytes(type | NLA_F_NESTED, value),
});

/** Sixteen bits in network byte order that have names; a bit without a name is a number. */
export function flags16be<N extends string>(
  attribute: number,
  names: readonly (N | undefined)[],
): Field<readonly (N | number)[]> {
  const namesOf = flagNames(names);
  const bitsOf = flagBits(names, 0xffff);
  return {
    attribute,
    read(data) {
      const bits = data.u16be();
      return bits === 0 ? undefined : namesOf(bits);
    },
    check(property, value) {
      checkArray(property, value, 'flags');
      if (bitsOf(value as (string | number)[]) === undefined)
        throw mustBe(
          property,
          `an array of flags, ${names.filter((name) => name !== undefined).join(', ')}, or numbers of 16 bits`,
          value,
        );
    },
    write: (writer, type, value) => void writer.u16be(type, bitsOf(value) ?? 0),
  };
}
