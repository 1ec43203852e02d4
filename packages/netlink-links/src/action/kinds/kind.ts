import type { BpfProgram } from '../../bpf/program.js';
import type { AttributeReader } from '../../message/attribute-reader.js';
import type { KnownProperties } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { checkFields, type Field, type Fields, type Reading, writeFields } from '../../message/fields.js';
import type { MessageWriter } from '../../message/message-writer.js';
import type { Mutable } from '../../message/mutable.js';
import { keepUnknown } from '../../message/unknown-attribute.js';
import { TC_GEN_SIZE } from '../../uapi/tc-act.js';
import { type ActionControl, controlNumber, readControl } from './control.js';

/** What actions of every kind can be told. */
export interface ActionSettings {
  /** What happens with the packet afterwards. Default: that of tc for the kind, which the kind's documentation names. */
  readonly control?: ActionControl | undefined;
  /** Its number among the actions of its kind, which several filters can share. Default: the kernel chooses one. */
  readonly index?: number | undefined;
}

/** What actions of every kind tell, and what they may be told. */
export interface ActionTold extends ActionSettings {
  references?: number;
  bindings?: number;
  /** `struct tcf_t`: seconds since it was made, used last, used first, and until it expires. */
  times?: { installed: number; lastUsed: number; expires: number; firstUsed: number };
}

/** What filters and their actions name, once it has been found. */
export interface Found {
  /** The index of a link. */
  ifindex(link: string | number): number;
  /** The file descriptor of a BPF program. */
  fd(program: BpfProgram): number;
}

/** What is particular to a kind of action: how its `TCA_ACT_OPTIONS` are written and read. */
export interface ActionKind<A extends object> {
  /** The name that the kernel knows the kind by (`TCA_ACT_KIND`). */
  readonly kernelName: string;
  /** The names of all that the kind has of its own. */
  readonly properties: KnownProperties;
  /** Whether the options hold attributes, of which those that are not known here are kept. */
  readonly holdsAttributes: boolean;
  /** Whether it has bigint properties of its own. */
  readonly hasBigints?: boolean;
  /** The link that it names, which has to be found first. */
  link?(action: Partial<A>): string | number | undefined;
  /** The BPF program that it names, which has to be opened first. */
  program?(action: Partial<A>): BpfProgram | undefined;
  /** Refuses what cannot be written. @throws InvalidOptionError */
  check(action: Partial<A> & ActionSettings): void;
  write(writer: MessageWriter, action: Partial<A> & ActionSettings, found: Found): void;
  read(options: AttributeReader, action: Reading<A> & Mutable<ActionTold>): void;
}

/** A kind whose options are a structure that begins with `tc_gen`, and attributes. */
export interface StructuredKind<A extends object> {
  readonly kernelName: string;
  /** The attribute that the structure is in, and its size in bytes. */
  readonly parms: number;
  readonly size: number;
  /** Attributes beside the structure. */
  readonly fields?: { readonly [K in keyof A]?: Field<NonNullable<A[K]>> };
  /** The attribute of `struct tcf_t`. */
  readonly tm: number;
  readonly pad: number;
  readonly properties: KnownProperties;
  readonly defaultControl: ActionControl | ((action: Partial<A>) => ActionControl);
  /** Whether tc sends the structure behind the other attributes. */
  readonly parmsLast?: boolean;
  /** Whether the kind has bigint properties of its own. */
  readonly hasBigints?: boolean;
  link?(action: Partial<A>): string | number | undefined;
  program?(action: Partial<A>): BpfProgram | undefined;
  check?(action: Partial<A>): void;
  /** Writes what follows `tc_gen` in the structure. */
  fill?(view: DataView, at: number, action: Partial<A>, found: Found): void;
  /** Reads it. */
  take?(parms: AttributeReader, action: Reading<A>): void;
  /** Writes further attributes. */
  more?(writer: MessageWriter, action: Partial<A>, found: Found): void;
  /** Reads a further attribute; `false` if it is not one. */
  takeMore?(attribute: AttributeReader, action: Reading<A>): boolean;
}

const CONTROL_OFFSET = 8;
const REFCNT_OFFSET = 12;
const BINDCNT_OFFSET = 16;

/** Reads `struct tcf_t`. */
export function readTimes(data: AttributeReader): NonNullable<ActionTold['times']> {
  const seconds = (offset: number): number => Number(data.u64At(offset)) / 100;
  return { installed: seconds(0), lastUsed: seconds(8), expires: seconds(16), firstUsed: seconds(24) };
}

/** Writes `tc_gen`, which the structures of actions begin with. */
export function writeGeneral(
  view: DataView,
  at: number,
  { index = 0, control }: ActionSettings,
  defaultControl: ActionControl,
): void {
  view.setUint32(at, index, LITTLE_ENDIAN);
  view.setInt32(at + CONTROL_OFFSET, controlNumber(control ?? defaultControl), LITTLE_ENDIAN);
}

/** Reads `tc_gen`. */
export function readGeneral(parms: AttributeReader, action: Mutable<ActionTold>): void {
  action.index = parms.u32At(0);
  action.control = readControl(parms.u32At(CONTROL_OFFSET) | 0);
  action.references = parms.u32At(REFCNT_OFFSET);
  action.bindings = parms.u32At(BINDCNT_OFFSET);
}

/** Makes a kind of a structure and attributes. */
export function structuredKind<A extends object>(kind: StructuredKind<A>): ActionKind<A> {
  const fields: Fields<A> = kind.fields ?? {};
  const byAttribute = new Map<number, keyof A & string>();
  for (const key in fields) {
    const field = fields[key];
    if (field === undefined) continue;
    byAttribute.set(field.attribute, key);
    if (field.orAttribute !== undefined) byAttribute.set(field.orAttribute, key);
  }
  return {
    kernelName: kind.kernelName,
    properties: kind.properties,
    holdsAttributes: true,
    ...(kind.hasBigints !== undefined && { hasBigints: kind.hasBigints }),
    ...(kind.link !== undefined && { link: kind.link }),
    ...(kind.program !== undefined && { program: kind.program }),
    check(action) {
      checkFields(fields, action as Partial<A>);
      kind.check?.(action);
    },
    write(writer, action, found) {
      const { defaultControl } = kind;
      const control = typeof defaultControl === 'function' ? defaultControl(action) : defaultControl;
      const writeParms = (): void =>
        void writer.struct(kind.parms, kind.size, (view, at) => {
          writeGeneral(view, at, action, control);
          kind.fill?.(view, at + TC_GEN_SIZE, action, found);
        });
      if (kind.parmsLast !== true) writeParms();
      writeFields(writer, fields, action as Partial<A>);
      kind.more?.(writer, action, found);
      if (kind.parmsLast === true) writeParms();
    },
    read(options, action) {
      while (options.next()) {
        const { type } = options;
        const key = byAttribute.get(type);
        if (type === kind.parms) {
          readGeneral(options, action);
          kind.take?.(options, action);
        } else if (type === kind.tm) action.times = readTimes(options);
        else if (key !== undefined) {
          const value = (fields[key] as Field<unknown> | undefined)?.read(options);
          if (value !== undefined) (action as Record<string, unknown>)[key] = value;
        } else if (type !== kind.pad && kind.takeMore?.(options, action) !== true) keepUnknown(options, action);
      }
    },
  };
}
