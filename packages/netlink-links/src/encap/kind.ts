import type { AttributeReader } from '../message/attribute-reader.js';
import { checkProperties, type KnownProperties } from '../message/checks.js';
import { checkFields, type Fields, fieldReader, type Reading, type Spread, writeFields } from '../message/fields.js';
import type { MessageWriter } from '../message/message-writer.js';

/** How one type of encapsulation is checked, written and read. */
export interface EncapKind {
  /** @param property that has it, for the error: `'encap'` @throws InvalidOptionError */
  check(encap: object, property: string): void;
  /** Writes the attributes. They have been checked. */
  write(writer: MessageWriter, encap: object): void;
  /** Reads the attributes; what stays over is put into `unknown`. */
  read(data: AttributeReader, into: Reading<object>): void;
}

/** Makes a kind of a series of attributes. */
export function encapOfFields<A extends object>(
  known: KnownProperties,
  fields: Fields<A>,
  { spreads = [], also }: { spreads?: readonly Spread<A>[]; also?: (encap: A, property: string) => void } = {},
): EncapKind {
  return {
    check(encap, property) {
      checkProperties(encap, property, known);
      const of = encap as Partial<A>;
      const prefixed = Object.fromEntries(Object.entries(of).map(([key, value]) => [`${property}.${key}`, value]));
      const prefixedFields = Object.fromEntries(
        Object.entries(fields).map(([key, field]) => [`${property}.${key}`, field]),
      ) as Fields<object>;
      checkFields(prefixedFields, prefixed);
      for (const spread of spreads) spread.check(of);
      also?.(of as A, property);
    },
    write(writer, encap) {
      writeFields(writer, fields, encap as Partial<A>);
      for (const spread of spreads) spread.write(writer, encap as Partial<A>);
    },
    read: fieldReader(fields, spreads) as EncapKind['read'],
  };
}
