import { NetnsError } from '../errors.js';
import { runInNamespace } from '../hop/hop.js';
import { addNamed } from '../named/add-named.js';
import { get, newNetns } from '../namespace/current.js';
import { sys } from '../sys/index.js';

/** What the thread can be asked for. */
export const Job = {
  /** Ends the thread. */
  stop: 0,
  /** `send(2)`; the argument is the socket. Answers with what the call does. */
  send: 1,
  /** Makes a named namespace; the content is a {@link NamedJob}. Answers with its file descriptor. */
  addNamed: 2,
  /** Makes a namespace without a name. Answers with its file descriptor. */
  addUnnamed: 3,
} as const;

export interface NamedJob {
  readonly name: string;
  readonly dir: string;
}

/** The result of a job that has thrown: its bytes are the error. */
export const THROWN = -0x80000000;

/** How a job has ended. */
export interface JobResult {
  readonly result: number;
  /** How many bytes of the room are its answer. */
  readonly length: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What goes along with a job, as bytes. */
export function encodeContent(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

function decodeContent(content: Uint8Array): unknown {
  // A TextDecoder takes no shared memory.
  return JSON.parse(decoder.decode(content.slice()));
}

/**
 * Does a job, on whatever thread it is called.
 *
 * @param content what the job brings along
 * @param room where its answer goes; it may be the same memory
 */
export function perform(kind: number, argument: number, content: Uint8Array, room: Uint8Array): JobResult {
  if (kind === Job.send) return { result: sys().send(argument, content, 0), length: 0 };
  try {
    if (kind === Job.addNamed) {
      const { name, dir } = decodeContent(content) as NamedJob;
      return { result: addNamed(name, { dir }).fd, length: 0 };
    }
    using here = get();
    // The hop's way back is what brings the thread home from the namespace that it makes inside.
    return { result: runInNamespace(here, newNetns).fd, length: 0 };
  } catch (error) {
    return { result: THROWN, length: writeError(error, room) };
  }
}

interface PlainError {
  readonly message: string;
  readonly code: string;
  readonly errno?: number | undefined;
  readonly syscall?: string | undefined;
  readonly path?: string | undefined;
}

function writeError(error: unknown, room: Uint8Array): number {
  const { message, code = 'ERR_SYSCALL_THREAD', errno, syscall, path } = error as PlainError;
  let bytes = encodeContent({ message, code, errno, syscall, path });
  // A message that quotes a path of several thousand bytes.
  if (bytes.length > room.length) bytes = encodeContent({ message: message.slice(0, 1000), code, errno, syscall });
  room.set(bytes);
  return bytes.length;
}

/** The error that a job has thrown. */
export function readError(content: Uint8Array): NetnsError {
  const { message, ...details } = decodeContent(content) as PlainError;
  return new NetnsError(message, details);
}
