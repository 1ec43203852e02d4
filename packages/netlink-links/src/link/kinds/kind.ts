import type { AttributeReader } from '../../message/attribute-reader.js';
import { checkFields, type Fields, fieldReader, type Reading, type Spread, writeFields } from '../../message/fields.js';
import type { MessageWriter } from '../../message/message-writer.js';
import { keepUnknown, type UnknownAttribute } from '../../message/unknown-attribute.js';
import type { LinkAttributes } from '../attributes/attributes.js';

/** For kinds that add nothing to what all links have. */
// biome-ignore lint/complexity/noBannedTypes: an object type without properties
export type NothingOfItsOwn = {};

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
  /**
   * Refuses what cannot be written: after it, `write` succeeds.
   *
   * @throws InvalidOptionError
   */
  check(link: Partial<A>): void;
  /** Writes the attributes that go into `IFLA_INFO_DATA`. */
  write(writer: MessageWriter, link: Partial<A>): void;
  /**
   * Reads them into `link`, which has what all links have. What the kernel does not tell stays out, and what is not
   * known here is kept as `unknown`.
   *
   * @param data `undefined` where the kernel sent no `IFLA_INFO_DATA`
   */
  read(data: AttributeReader | undefined, link: LinkAttributes & Reading<A>): void;
  /**
   * For kinds that are not made through netlink: makes the link of the given name in the namespace that the thread is
   * in. The settings have been checked.
   */
  readonly create?: (name: string, link: Partial<A> & { readonly index?: number | undefined }) => void;
  /** Whether `IFLA_INFO_DATA` is sent even if there is nothing in it. */
  readonly alwaysData?: boolean;
  /**
   * Whether the kernel takes what a change leaves out for zero. A change then repeats what the link has, or it would
   * take its addresses away.
   */
  readonly changesReplace?: boolean;
  /** Whether the kernel refuses to change what the kind has together with the MTU. */
  readonly mtuApart?: boolean;
  /** Whether `carrier` is a setting that the link keeps, and not only what the kernel tells of it. */
  readonly keepsCarrier?: boolean;
  /** What of a link that was read is a setting: without what the kernel tells, and would refuse if it were given back. */
  readonly asRead?: (link: Partial<A>) => Partial<A>;
  /** What of the current state must not be repeated by a change, since it follows from something that is changed. */
  readonly withoutStale?: (current: Partial<A>, changes: Partial<A>) => Partial<A>;
}

/** What a kind may have beside plain fields. */
export interface KindOptions<A extends object> {
  readonly synonyms?: Readonly<Record<string, string>>;
  readonly hasParent?: boolean;
  readonly addressLength?: number;
  readonly alwaysData?: boolean;
  readonly mtuApart?: boolean;
  /** Attributes that the kernel tells and takes none of, and that are not read. */
  readonly passedOver?: readonly number[];
  readonly asRead?: (link: Partial<A>) => Partial<A>;
  /** Written before the fields. */
  readonly first?: readonly Spread<A>[];
  /** Written behind the fields. */
  readonly last?: readonly Spread<A>[];
  /** The properties of `first` and `last` that the kernel only tells. */
  readonly toldBeside?: readonly (keyof A & string)[];
  /** Refuses what the fields do not refuse each by itself. */
  readonly check?: (link: Partial<A>) => void;
}

/** Makes a kind whose data is a series of attributes, mostly one for each property. */
export function kindOfFields<A extends object>(
  kernelName: string,
  fields: Fields<A>,
  { first = [], last = [], passedOver, toldBeside = [], check, ...more }: KindOptions<A> = {},
): LinkKind<A> {
  const readData = fieldReader(fields, [...first, ...last], passedOver);
  return {
    kernelName,
    properties: [...Object.keys(fields), ...[...first, ...last].flatMap(({ properties }) => properties)],
    told: [...Object.keys(fields).filter((key) => fields[key as keyof A]?.write === undefined), ...toldBeside],
    check: (link) => {
      checkFields(fields, link);
      for (const spread of [...first, ...last]) spread.check(link);
      check?.(link);
    },
    write: (writer, link) => {
      for (const spread of first) spread.write(writer, link);
      writeFields(writer, fields, link);
      for (const spread of last) spread.write(writer, link);
    },
    read: (data, link) => {
      if (data !== undefined) readData(data, link);
    },
    ...more,
  };
}

/** Keeps all that is in the data of a kind of which nothing is known here. */
export function readUnknown(
  data: AttributeReader | undefined,
  link: { unknown?: readonly UnknownAttribute[] | undefined },
): void {
  while (data?.next() === true) keepUnknown(data, link);
}

/** A kind that has nothing of its own. */
export function plainKind<A extends object>(
  kernelName: string,
  options: { readonly addressLength?: number; readonly keepsCarrier?: boolean } = {},
): LinkKind<A> {
  return { kernelName, properties: [], check() {}, write() {}, read: readUnknown, ...options };
}
