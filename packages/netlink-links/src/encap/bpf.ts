import { InvalidOptionError } from 'netns-core';
import { type BpfProgram, checkBpfProgram } from '../bpf/program.js';
import type { AttributeReader } from '../message/attribute-reader.js';
import { checkProperties, checkText, mustBe, propertiesOf } from '../message/checks.js';
import { u32 } from '../message/fields.js';
import type { MessageWriter } from '../message/message-writer.js';
import { keepUnknown, type WithUnknown } from '../message/unknown-attribute.js';
import {
  LWT_BPF_IN,
  LWT_BPF_MAX_HEADROOM,
  LWT_BPF_OUT,
  LWT_BPF_PROG_FD,
  LWT_BPF_PROG_NAME,
  LWT_BPF_XMIT,
  LWT_BPF_XMIT_HEADROOM,
} from '../uapi/lwtunnel.js';
import { type EncapKind, encapOfFields } from './kind.js';

/** A program of a route. */
export interface BpfEncapProgram {
  /** Needed where a route is made. The kernel does not tell it: a route that was read is made again with the program added. */
  readonly program?: BpfProgram | undefined;
  /** By which the program is shown; the kernel needs one. */
  readonly name: string;
}

/** BPF programs that see the packets of a route: when they come in, go out, and are sent. At least one. */
export interface BpfEncap {
  readonly type: 'bpf';
  readonly in?: BpfEncapProgram | undefined;
  readonly out?: BpfEncapProgram | undefined;
  readonly xmit?: BpfEncapProgram | undefined;
  /** Bytes that `xmit` may put before a packet, up to 256. The kernel does not tell it. */
  readonly headroom?: number | undefined;
}

type Attributes = Omit<BpfEncap, 'type'> & WithUnknown;

const PROGRAMS = [
  ['in', LWT_BPF_IN],
  ['out', LWT_BPF_OUT],
  ['xmit', LWT_BPF_XMIT],
] as const;
const PROGRAM = propertiesOf<BpfEncapProgram>({ program: 'set', name: 'set' }, { fd: 'program' });

/** What finds the file descriptor of a program. */
export type ProgramDescriptor = (program: BpfProgram) => number;

function checkProgram(value: BpfEncapProgram | undefined, property: string): void {
  if (value === undefined) return;
  checkProperties(value, property, PROGRAM);
  checkBpfProgram(`${property}.program`, value.program);
  checkText(`${property}.name`, value.name);
  if (value.name === undefined || value.name === '') throw mustBe(`${property}.name`, 'a name', value.name);
}

function readProgram(data: AttributeReader): BpfEncapProgram | undefined {
  let name: string | undefined;
  while (data.next())
    if (data.type === LWT_BPF_PROG_NAME) name = data.string();
    else return undefined;
  return name === undefined ? undefined : { name };
}

/** `<linux/lwtunnel.h>`, `LWT_BPF_…`, as far as it is known without file descriptors. */
export const bpf: EncapKind = encapOfFields<Attributes>(
  propertiesOf<BpfEncap>({ type: 'set', in: 'set', out: 'set', xmit: 'set', headroom: 'set' }),
  { headroom: u32(LWT_BPF_XMIT_HEADROOM, 0, LWT_BPF_MAX_HEADROOM) },
  {
    spreads: [
      {
        properties: PROGRAMS.map(([property]) => property),
        attributes: PROGRAMS.map(([, attribute]) => attribute),
        read(data, into) {
          const property = PROGRAMS.find(([, attribute]) => attribute === data.type)?.[0];
          const program = readProgram(data.nested());
          if (property === undefined || program === undefined) keepUnknown(data, into);
          else into[property] = program;
        },
        check() {},
        write() {},
      },
    ],
    also(encap, property) {
      for (const [key] of PROGRAMS) checkProgram(encap[key], `${property}.${key}`);
      if (PROGRAMS.every(([key]) => encap[key] === undefined))
        throw new InvalidOptionError(property, `${property} needs a program: \`in\`, \`out\` or \`xmit\``);
    },
  },
);

/**
 * The programs of an encapsulation, which has been checked.
 *
 * @throws InvalidOptionError for one that is not given
 */
export function programsOf(encap: BpfEncap, property: string): BpfProgram[] {
  return PROGRAMS.flatMap(([key]) => {
    const value = encap[key];
    if (value === undefined) return [];
    if (value.program !== undefined) return [value.program];
    throw new InvalidOptionError(
      `${property}.${key}.program`,
      `${property}.${key}.program is missing: the kernel tells the name of a program alone, so it has to be given`,
    );
  });
}

/** Writes the attributes. */
export function writeBpfEncap(writer: MessageWriter, encap: BpfEncap, descriptorOf: ProgramDescriptor): void {
  for (const [key, attribute] of PROGRAMS) {
    const { program, name = '' } = encap[key] ?? {};
    if (program !== undefined)
      writer.nest(
        attribute,
        (nested) => void nested.u32(LWT_BPF_PROG_FD, descriptorOf(program)).string(LWT_BPF_PROG_NAME, name),
        true,
      );
  }
  if (encap.headroom !== undefined) writer.u32(LWT_BPF_XMIT_HEADROOM, encap.headroom);
}
