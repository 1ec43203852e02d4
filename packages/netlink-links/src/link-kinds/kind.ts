import type { AttributeReader } from '../codec/attribute-reader.js';
import type { MessageWriter } from '../codec/message-writer.js';
import type { LinkAttributes } from '../links/link.js';

/**
 * What is particular to a kind of link: how its `IFLA_INFO_DATA` is written and read. `A` is what it adds to the
 * attributes that all links have.
 */
export interface LinkKind<A extends object> {
  /** The name that the kernel knows the kind by (`IFLA_INFO_KIND`). */
  readonly kernelName: string;
  /** Writes the attributes that go into `IFLA_INFO_DATA`. */
  encode(writer: MessageWriter, link: Partial<A>): void;
  /**
   * Reads them into `link`, which has what all links have. What the kernel does not tell stays out.
   *
   * @param data `undefined` where the kernel sent no `IFLA_INFO_DATA`
   */
  decode(data: AttributeReader | undefined, link: LinkAttributes & Partial<A>): void;
  /**
   * For kinds that are not made through netlink: checks the settings and answers with a function that makes the link
   * of the given name in the namespace that the thread is in.
   */
  readonly create?: (name: string, link: Partial<A>) => () => void;
  /** Whether `IFLA_INFO_DATA` is sent even if there is nothing in it. */
  readonly alwaysData?: boolean;
}

/** How one attribute's value is written and read. */
export interface Field<V> {
  /** Its number, `IFLA_…`. */
  readonly attribute: number;
  read(attributes: AttributeReader): V;
  /** Absent for what the kernel only tells. */
  write?(writer: MessageWriter, attribute: number, value: V): void;
}

/** The fields of a kind, in the order in which they are written. */
export type Fields<A extends object> = { readonly [K in keyof A]?: Field<NonNullable<A[K]>> };

/** Makes a kind whose data is a plain series of attributes, one for each property. */
export function kindOfFields<A extends object>(
  kernelName: string,
  fields: Fields<A>,
  more: { readonly alwaysData?: boolean } = {},
): LinkKind<A> {
  const read = fieldReader(fields);
  return {
    kernelName,
    encode: (writer, link) => writeFields(writer, fields, link),
    decode: (data, link) => {
      if (data !== undefined) read(data, link);
    },
    ...more,
  };
}

/** Writes the properties that are there. */
export function writeFields<A extends object>(writer: MessageWriter, fields: Fields<A>, link: Partial<A>): void {
  for (const key in fields) {
    const value = link[key];
    const field = fields[key];
    if (value === undefined || value === null || field === undefined) continue;
    if (field.write === undefined) {
      writer.fail(`'${key}' can be read, but not set`);
      return;
    }
    field.write(writer, field.attribute, value as NonNullable<A[typeof key]>);
  }
}

/** Makes a function that reads attributes into an object; those that no field is for are left out. */
export function fieldReader<A extends object>(fields: Fields<A>): (data: AttributeReader, into: Partial<A>) => void {
  const byAttribute: ([keyof A, Field<unknown>] | undefined)[] = [];
  for (const key in fields) {
    const field = fields[key];
    if (field !== undefined) byAttribute[field.attribute] = [key, field as Field<unknown>];
  }
  return (data, into) => {
    while (data.next()) {
      const entry = byAttribute[data.type];
      if (entry !== undefined) into[entry[0]] = entry[1].read(data) as A[keyof A];
    }
  };
}
