import type { Action, ActionSpec } from '../../action/action.js';
import type { Found } from '../../action/kinds/kind.js';
import { readActions } from '../../action/read.js';
import { writeActions } from '../../action/write.js';
import type { BpfProgram } from '../../bpf/program.js';
import type { AttributeReader } from '../../message/attribute-reader.js';
import type { KnownProperties } from '../../message/checks.js';
import { checkFields, type Fields, fieldReader, type Reading, writeFields } from '../../message/fields.js';
import type { MessageWriter } from '../../message/message-writer.js';
import type { Mutable } from '../../message/mutable.js';
import { formatHandle, parseHandle, type QdiscHandle } from '../../qdisc/handle.js';
import { TCA_CLS_FLAGS_IN_HW, TCA_CLS_FLAGS_SKIP_HW, TCA_CLS_FLAGS_SKIP_SW } from '../../uapi/pkt-cls.js';

/** What filters of several kinds have, each under its own number. */
export interface FilterShared {
  readonly classid?: QdiscHandle | undefined;
  readonly actions?: readonly ActionSpec[] | undefined;
  readonly skipHw?: boolean | undefined;
  readonly skipSw?: boolean | undefined;
}

/** The same, while it is read. */
export interface FilterSharedReading {
  classid?: string;
  actions?: Action[];
  skipHw?: boolean;
  skipSw?: boolean;
  inHw?: boolean;
}

/** The attributes of them in a kind. */
export interface SharedAttributes {
  readonly classid?: number;
  readonly actions: number;
  readonly flags?: number;
}

/** What is particular to a kind of filter: how its `TCA_OPTIONS` are written and read. */
export interface FilterKind<A extends object> {
  /** The name that the kernel knows the kind by (`TCA_KIND`). */
  readonly kernelName: string;
  /** The names of all that the kind has of its own. */
  readonly properties: KnownProperties;
  /** The attributes of what filters of several kinds have; absent where the options are not read. */
  readonly shared?: SharedAttributes;
  /** How its handle reads, where that is not a plain number. */
  readonly formatHandle?: (handle: number) => string;
  /** The number of a handle. @throws InvalidOptionError */
  readonly parseHandle?: (handle: string | number) => number;
  /** The BPF program that it names, which has to be opened first. */
  program?(filter: Partial<A>): BpfProgram | undefined;
  /** The handle that follows from its properties, where none is given. */
  handleOf?(filter: Partial<A>): number | undefined;
  /** Refuses what cannot be written. @param filter with what filters of all kinds have @throws InvalidOptionError */
  check?(filter: Partial<A> & FilterShared, protocol: number | undefined): void;
  /** Writes what goes into `TCA_OPTIONS`. `protocol` is that of the filter. */
  write(writer: MessageWriter, filter: Partial<A> & FilterShared, found: Found, protocol: number): void;
  /** Reads the attributes of `TCA_OPTIONS`. */
  read(options: AttributeReader, filter: Reading<A> & FilterSharedReading, handle: number, protocol: number): void;
}

/** Writes the class of a filter. */
export function writeClassid(writer: MessageWriter, { classid }: SharedAttributes, filter: FilterShared): void {
  if (classid !== undefined && filter.classid !== undefined) writer.u32(classid, parseHandle(filter.classid));
}

/** Writes what a filter does. */
export function writeFilterActions(
  writer: MessageWriter,
  { actions }: SharedAttributes,
  filter: FilterShared,
  found: Found,
): void {
  if (filter.actions !== undefined) writeActions(writer, actions, filter.actions, found);
}

/** Writes whether hardware and software use a filter. @param always even where nothing is said of it */
export function writeFilterFlags(
  writer: MessageWriter,
  { flags }: SharedAttributes,
  filter: FilterShared,
  always = false,
): void {
  if (flags === undefined) return;
  const value =
    (filter.skipHw === true ? TCA_CLS_FLAGS_SKIP_HW : 0) | (filter.skipSw === true ? TCA_CLS_FLAGS_SKIP_SW : 0);
  if (value !== 0 || always) writer.u32(flags, value);
}

/** Reads one of the attributes that filters of several kinds have; `false` if it is another one. */
export function readShared(
  attribute: AttributeReader,
  shared: SharedAttributes,
  filter: Mutable<FilterSharedReading>,
): boolean {
  switch (attribute.type) {
    case shared.actions:
      filter.actions = readActions(attribute.nested());
      return true;
    case shared.classid:
      filter.classid = formatHandle(attribute.u32());
      return true;
    case shared.flags: {
      const bits = attribute.u32();
      if ((bits & TCA_CLS_FLAGS_SKIP_HW) !== 0) filter.skipHw = true;
      if ((bits & TCA_CLS_FLAGS_SKIP_SW) !== 0) filter.skipSw = true;
      if ((bits & TCA_CLS_FLAGS_IN_HW) !== 0) filter.inHw = true;
      return true;
    }
    default:
      return false;
  }
}

/** Makes a kind whose options are a series of attributes, one for each property. */
export function filterOfFields<A extends object>(
  kernelName: string,
  fields: Fields<A>,
  shared: SharedAttributes,
  {
    synonyms = {},
    passedOver = [],
    fieldsFirst = false,
    ...rest
  }: Partial<FilterKind<A>> & {
    readonly synonyms?: Readonly<Record<string, string>>;
    /** Attributes that the kernel tells and does not take. */
    readonly passedOver?: readonly number[];
    /** Whether tc sends the class behind what the kind has of its own. */
    readonly fieldsFirst?: boolean;
  } = {},
): FilterKind<A> {
  const sharedFields = {
    attributes: Object.values(shared) as number[],
    properties: [],
    read: (data: AttributeReader, into: object) => void readShared(data, shared, into as FilterSharedReading),
    check: () => {},
    write: () => {},
  };
  const readOptions = fieldReader<A>(fields, [sharedFields], passedOver);
  return {
    kernelName,
    properties: { names: Object.keys(fields), synonyms },
    shared,
    write(writer, filter, found) {
      if (!fieldsFirst) writeClassid(writer, shared, filter);
      writeFields(writer, fields, filter as Partial<A>);
      if (fieldsFirst) writeClassid(writer, shared, filter);
      writeFilterActions(writer, shared, filter, found);
      writeFilterFlags(writer, shared, filter);
    },
    read: (options, filter) => readOptions(options, filter),
    ...rest,
    check(filter, protocol) {
      checkFields(fields, filter as Partial<A>);
      rest.check?.(filter, protocol);
    },
  };
}
