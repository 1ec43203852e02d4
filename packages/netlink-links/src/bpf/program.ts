import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { BPF_OBJ_GET, BPF_PROG_GET_FD_BY_ID, errnoName, sys } from 'netns-core/sys';
import { checkProperties, checkText, mustBe } from '../message/checks.js';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import { NetlinkError, type OperationIdentity } from '../operation/errors.js';

/**
 * A BPF program that is loaded: by a file descriptor, by its id (which takes CAP_SYS_ADMIN), or by the path in a BPF
 * file system that it is pinned at. Loading programs is not a part of this package.
 */
export type BpfProgram = number | { readonly id: number } | { readonly pinned: string };

/** Checks a reference to a program; `undefined` passes. @throws InvalidOptionError */
export function checkBpfProgram(property: string, program: unknown): void {
  if (program === undefined) return;
  if (typeof program === 'number') {
    checkInteger(property, program, 0, 0x7fffffff);
    return;
  }
  if (typeof program !== 'object' || program === null)
    throw mustBe(property, 'a file descriptor, { id } or { pinned }', program);
  checkProperties(program, property, { names: ['id', 'pinned'] });
  const { id, pinned } = program as { readonly id?: unknown; readonly pinned?: unknown };
  if ((id === undefined) === (pinned === undefined))
    throw new InvalidOptionError(property, `${property} must be a file descriptor, { id } or { pinned }: one of them`);
  checkInteger(`${property}.id`, id as number | undefined, 1, 0xffffffff);
  checkText(`${property}.pinned`, pinned);
  if (pinned === '') throw mustBe(`${property}.pinned`, 'a path', pinned);
}

/** File descriptors of programs, open while an operation runs. */
export class BpfDescriptors implements Disposable {
  readonly #identity: OperationIdentity;
  readonly #opened: number[] = [];

  /** @param identity of the operation, for errors */
  constructor(identity: OperationIdentity) {
    this.#identity = identity;
  }

  /** The file descriptor of a program, which was checked. @throws NetlinkError where there is none */
  of(program: BpfProgram): number {
    if (typeof program === 'number') return program;
    const fd = 'id' in program ? byId(program.id) : pinnedAt(program.pinned);
    if (fd >= 0) {
      this.#opened.push(fd);
      return fd;
    }
    const code = errnoName(-fd);
    const which = 'id' in program ? `with the id ${program.id}` : `at ${program.pinned}`;
    throw NetlinkError.failed(this.#identity, code, `the BPF program ${which} cannot be opened (bpf: ${code})`);
  }

  [Symbol.dispose](): void {
    for (const fd of this.#opened.splice(0)) sys().close(fd);
  }
}

function byId(id: number): number {
  const attributes = new DataView(new ArrayBuffer(12));
  attributes.setUint32(0, id, LITTLE_ENDIAN);
  return sys().bpf(BPF_PROG_GET_FD_BY_ID, new Uint8Array(attributes.buffer), []);
}

function pinnedAt(path: string): number {
  return sys().bpf(BPF_OBJ_GET, new Uint8Array(16), [[0, new TextEncoder().encode(`${path}\0`)]]);
}
