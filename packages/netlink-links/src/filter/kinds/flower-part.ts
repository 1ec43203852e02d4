import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import type { AttributeReader } from '../../message/attribute-reader.js';
import { checkProperties, type KnownProperties } from '../../message/checks.js';
import type { MessageWriter } from '../../message/message-writer.js';
import type { Mutable } from '../../message/mutable.js';
import type { UnknownAttribute } from '../../message/unknown-attribute.js';
import { checkKeys, type FlowerKeys, takeKeys, writeKeys } from './flower-keys.js';
import { filterProtocols } from './protocol.js';

type Unknown = { unknown?: readonly UnknownAttribute[] | undefined };

/** Keys of flower that are an object of their own. */
export interface FlowerPart<T extends object> {
  /** The attributes that `take` is called for. */
  readonly attributes: ReadonlySet<number>;
  /** @param protocol of the packets, where it is known @throws InvalidOptionError */
  check(property: string, of: unknown, protocol: number | undefined): void;
  write(writer: MessageWriter, of: Partial<T>): void;
  /** @param unknown keeps what cannot be said */
  take(attribute: AttributeReader, into: Mutable<Partial<T>>, unknown: Unknown): void;
}

/** Refuses packets of another protocol than one of these. @throws InvalidOptionError */
export function checkProtocol(property: string, protocol: number | undefined, wanted: readonly number[]): void {
  if (protocol === undefined || wanted.includes(protocol)) return;
  const name = (each: number): string => shown(filterProtocols.name(each));
  throw new InvalidOptionError(
    property,
    `${property} needs the protocol ${wanted.map(name).join(' or ')}, and this filter has ${name(protocol)}`,
  );
}

/** Makes a part of which each property is a value that may be masked. */
export function partOfKeys<T extends object>(
  keys: FlowerKeys<T>,
  { properties, protocols }: { readonly properties: KnownProperties; readonly protocols?: readonly number[] },
): FlowerPart<T> {
  const all = (Object.values(keys) as FlowerKeys<T>[keyof T][]).flatMap(({ attributes }) => attributes);
  return {
    attributes: new Set(all.flatMap(({ value, mask }) => [value, mask])),
    check(property, of, protocol) {
      checkProperties(of, property, properties);
      if (protocols !== undefined) checkProtocol(property, protocol, protocols);
      checkKeys(property, keys, of as Partial<T>);
    },
    write: (writer, of) => writeKeys(writer, keys, of),
    take: (attribute, into, unknown) => void takeKeys(attribute, keys, into, unknown),
  };
}
