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
  /** The names of all that the kind adds. */
  readonly properties: readonly string[];
  /** Those of them that the kernel only tells. */
  readonly told?: readonly string[];
  /** What other programs call them, in small letters. */
  readonly synonyms?: Readonly<Record<string, string>>;
  /** Whether a link of the kind lies on top of another, its `parent`. Kinds that the kernel ignores it for refuse it. */
  readonly hasParent?: boolean;
  /** How many bytes its hardware address has; 6 if left out. */
  readonly addressLength?: number;
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
  /**
   * Whether the kernel takes what a change leaves out for zero. A change then repeats what the link has, or it would
   * take its addresses away.
   */
  readonly changesReplace?: boolean;
  /** What of the current state must not be repeated by a change, since it follows from something that is changed. */
  readonly withoutStale?: (current: Partial<A>, changes: Partial<A>) => Partial<A>;
}

/** How one attribute's value is written and read. */
export interface Field<V> {
  /** Its number, `IFLA_…`. */
  readonly attribute: number;
  /** Another number that it may come under, and that `write` may choose. */
  readonly orAttribute?: number;
  read(attributes: AttributeReader): V;
  /** Absent for what the kernel only tells. */
  write?(writer: MessageWriter, attribute: number, value: V): void;
}

/** The fields of a kind, in the order in which they are written. */
export type Fields<A extends object> = { readonly [K in keyof A]?: Field<NonNullable<A[K]>> };

/** An attribute that stands for several properties, or a property that may be one of several attributes. */
export interface Spread<A extends object> {
  /** The properties that it stands for. */
  readonly properties: readonly (keyof A & string)[];
  /** The attributes that `read` is called for. */
  readonly attributes: readonly number[];
  /** Reads the attribute that the reader stands on. */
  read(data: AttributeReader, into: Partial<A>): void;
  /** Writes what is there. */
  write(writer: MessageWriter, link: Partial<A>): void;
}

/** What a kind may have beside plain fields. */
export interface KindOptions<A extends object> {
  readonly synonyms?: Readonly<Record<string, string>>;
  readonly hasParent?: boolean;
  readonly addressLength?: number;
  readonly alwaysData?: boolean;
  /** Written before the fields. */
  readonly first?: readonly Spread<A>[];
  /** Written behind the fields. */
  readonly last?: readonly Spread<A>[];
  /** Checks what is to be written, and throws if it can not be. */
  readonly check?: (link: Partial<A>) => void;
}

/** Makes a kind whose data is a series of attributes, mostly one for each property. */
export function kindOfFields<A extends object>(
  kernelName: string,
  fields: Fields<A>,
  { first = [], last = [], check, ...more }: KindOptions<A> = {},
): LinkKind<A> {
  const read = fieldReader(fields, [...first, ...last]);
  return {
    kernelName,
    properties: [...Object.keys(fields), ...[...first, ...last].flatMap(({ properties }) => properties)],
    told: Object.keys(fields).filter((key) => fields[key as keyof A]?.write === undefined),
    encode: (writer, link) => {
      check?.(link);
      for (const spread of first) spread.write(writer, link);
      writeFields(writer, fields, link);
      for (const spread of last) spread.write(writer, link);
    },
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
    if (field.write === undefined) continue;
    writer.about(key);
    field.write(writer, field.attribute, value as NonNullable<A[typeof key]>);
  }
  writer.about(undefined);
}

/** Makes a function that reads attributes into an object; those that nothing is for are left out. */
export function fieldReader<A extends object>(
  fields: Fields<A>,
  spreads: readonly Spread<A>[] = [],
): (data: AttributeReader, into: Partial<A>) => void {
  const byAttribute: (((data: AttributeReader, into: Partial<A>) => void) | undefined)[] = [];
  for (const key in fields) {
    const field = fields[key] as Field<A[keyof A]> | undefined;
    if (field === undefined) continue;
    const read = (data: AttributeReader, into: Partial<A>): void => {
      into[key] = field.read(data) as A[Extract<keyof A, string>];
    };
    byAttribute[field.attribute] = read;
    if (field.orAttribute !== undefined) byAttribute[field.orAttribute] = read;
  }
  for (const spread of spreads) for (const attribute of spread.attributes) byAttribute[attribute] = spread.read;
  return (data, into) => {
    while (data.next()) byAttribute[data.type]?.(data, into);
  };
}
