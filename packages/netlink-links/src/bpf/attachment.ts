import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import type { AttributeReader } from '../message/attribute-reader.js';
import { checkArray, checkProperties, checkText, mustBe, propertiesOf } from '../message/checks.js';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import type { MessageWriter } from '../message/message-writer.js';
import type { Mutable } from '../message/mutable.js';
import { BPF_MAXINSNS, SOCK_FILTER_SIZE } from '../uapi/filter.js';
import { type BpfProgram, checkBpfProgram } from './program.js';

/** An instruction of classic BPF, `struct sock_filter` of `<linux/filter.h>`. */
export interface BpfInstruction {
  readonly code: number;
  /** Instructions to leave out if a comparison is true, and if it is false. */
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** The BPF program of a filter or an action: an eBPF program that is loaded, or instructions of classic BPF. */
export interface BpfAttachment {
  /** The eBPF program. If left out it is the one with the id `programId`, as a filter that was read has it. */
  readonly program?: BpfProgram;
  /** A name for people, which the kernel keeps. */
  readonly name?: string;
  /** Instructions of classic BPF, 1 to 4096, in the place of a program. */
  readonly bytecode?: readonly BpfInstruction[];
  /** As read: the id of the eBPF program. To give it back takes CAP_SYS_ADMIN. */
  readonly programId?: number;
  /** Told: the hash of the program's instructions, hexadecimal. */
  readonly tag?: string;
}

/** The properties, for the tables of those who have a program. */
export const BPF_PROPERTIES = { program: 'set', name: 'set', bytecode: 'set', programId: 'set', tag: 'set' } as const;
export const BPF_SYNONYMS = { fd: 'program', prog: 'program', prog_id: 'programId', bpf_name: 'name', ops: 'bytecode' };

const INSTRUCTION = propertiesOf<BpfInstruction>({ code: 'set', jt: 'set', jf: 'set', k: 'set' });

/** The numbers of the attributes. */
export interface BpfAttributes {
  readonly opsLength: number;
  readonly ops: number;
  readonly fd: number;
  readonly name: number;
  readonly tag: number;
  readonly id: number;
}

function checkBytecode(bytecode: unknown): void {
  checkArray('bytecode', bytecode, 'instructions');
  const instructions = bytecode as readonly BpfInstruction[];
  if (instructions.length === 0 || instructions.length > BPF_MAXINSNS)
    throw mustBe('bytecode', `an array of 1 to ${BPF_MAXINSNS} instructions`, bytecode);
  for (const [at, instruction] of instructions.entries()) {
    checkProperties(instruction, `bytecode[${at}]`, INSTRUCTION);
    for (const [name, max] of [
      ['code', 0xffff],
      ['jt', 0xff],
      ['jf', 0xff],
      ['k', 0xffffffff],
    ] as const) {
      if (instruction[name] === undefined)
        throw new InvalidOptionError(`bytecode[${at}].${name}`, `bytecode[${at}] needs \`${name}\``);
      checkInteger(`bytecode[${at}].${name}`, instruction[name], 0, max);
    }
  }
}

/** Checks a program. @param what has it, for the error: `'a bpf filter'` @throws InvalidOptionError */
export function checkBpfAttachment(what: string, of: Partial<BpfAttachment>): void {
  const { program, name, bytecode, programId } = of;
  checkBpfProgram('program', program);
  checkText('name', name);
  checkInteger('programId', programId, 1, 0xffffffff);
  if (bytecode !== undefined) checkBytecode(bytecode);
  if (bytecode !== undefined && program !== undefined)
    throw new InvalidOptionError('bytecode', 'bytecode and program exclude each other: it is classic BPF or eBPF');
  if (bytecode === undefined && program === undefined && programId === undefined)
    throw new InvalidOptionError('program', `${what} needs a \`program\`, or the \`bytecode\` of classic BPF`);
}

/** The program that has to be opened: given, or as read. */
export function attachedProgram({ program, bytecode, programId }: Partial<BpfAttachment>): BpfProgram | undefined {
  return program ?? (bytecode === undefined && programId !== undefined ? { id: programId } : undefined);
}

/** Writes a program that has been checked. @param fdOf gives the file descriptor of a program */
export function writeBpfAttachment(
  writer: MessageWriter,
  attributes: BpfAttributes,
  of: Partial<BpfAttachment>,
  fdOf: (program: BpfProgram) => number,
): void {
  const { bytecode, name } = of;
  const program = attachedProgram(of);
  if (bytecode !== undefined) {
    writer.u16(attributes.opsLength, bytecode.length);
    writer.struct(attributes.ops, bytecode.length * SOCK_FILTER_SIZE, (view, at) => {
      for (const [number, { code, jt, jf, k }] of bytecode.entries()) {
        const from = at + number * SOCK_FILTER_SIZE;
        view.setUint16(from, code, LITTLE_ENDIAN);
        view.setUint8(from + 2, jt);
        view.setUint8(from + 3, jf);
        view.setUint32(from + 4, k, LITTLE_ENDIAN);
      }
    });
  }
  if (program !== undefined) writer.u32(attributes.fd, fdOf(program));
  if (name !== undefined) writer.string(attributes.name, name);
}

/** Reads instructions of classic BPF, as many as there are. */
export function readBytecode(value: AttributeReader): BpfInstruction[] {
  return Array.from({ length: Math.floor(value.length / SOCK_FILTER_SIZE) }, (_, number) => {
    const at = number * SOCK_FILTER_SIZE;
    return { code: value.u16At(at), jt: value.u8At(at + 2), jf: value.u8At(at + 3), k: value.u32At(at + 4) };
  });
}

/** Reads one of the attributes; `false` if it is another one. */
export function takeBpfAttachment(
  attribute: AttributeReader,
  attributes: BpfAttributes,
  into: Mutable<Partial<BpfAttachment>>,
): boolean {
  switch (attribute.type) {
    case attributes.name:
      into.name = attribute.string();
      return true;
    case attributes.id:
      into.programId = attribute.u32();
      return true;
    case attributes.tag:
      into.tag = Buffer.from(attribute.copy()).toString('hex');
      return true;
    case attributes.ops:
      into.bytecode = readBytecode(attribute);
      return true;
    // It is that of the instructions.
    case attributes.opsLength:
      return true;
    default:
      return false;
  }
}
