import { NamespaceNotFoundError, NetnsError, NotANamespaceError } from '../errors.js';
import { runInNamespace } from '../hop/hop.js';
import { addNamed } from '../named/add-named.js';
import { deleteNamed } from '../named/delete-named.js';
import type { NamedOptions } from '../named/name-file.js';
import { get, newNetns } from '../namespace/current.js';
import type { NetnsHandle } from '../namespace/handle.js';
import { disownFd } from '../sys/thread-descriptors.js';

/** What is to be done: a name to be made or deleted, or a namespace without a name to be made. */
export type NamespaceJob =
  | { readonly action: 'add' | 'delete'; readonly name: string; readonly options: NamedOptions }
  | 'unnamed';

/** What the thread is sent: a job and the slot that says who may begin it, or nothing when it shall end. */
export type JobMessage = { readonly slot: number; readonly job: NamespaceJob } | null;

/** What the thread sends: that it runs, and how each job ended. */
export type JobAnswer =
  | 'ready'
  | ({ readonly slot: number } & (
      | { readonly fd: number }
      | { readonly error: PlainError }
      /** The job had been taken back. */
      | { readonly skipped: true }
    ));

/**
 * The states of a slot, which both threads change with `Atomics.compareExchange`: whichever is first decides whether
 * the job is begun or taken back.
 */
export const SlotState = { waiting: 0, begun: 1, withdrawn: 2 } as const;

/** A NetnsError without its class, which a message between threads cannot carry. */
interface PlainError {
  readonly name?: string | undefined;
  readonly message: string;
  readonly code: string;
  readonly errno?: number | undefined;
  readonly syscall?: string | undefined;
  readonly path?: string | undefined;
}

/** What {@link performJob} returns where no namespace was made. */
const NO_FD = -1;

/** Does the job, on whatever thread it is called, and returns a file descriptor of the namespace that it made. */
export function performJob(job: NamespaceJob): number {
  if (job !== 'unnamed') {
    if (job.action === 'add') return handOver(addNamed(job.name, job.options));
    deleteNamed(job.name, job.options);
    return NO_FD;
  }
  using here = get();
  // The return of the hop takes the thread home from the namespace that it makes inside.
  return handOver(runInNamespace(here, newNetns));
}

/** The descriptor of a handle: the thread that asked for it owns it from now on. */
function handOver({ fd }: NetnsHandle): number {
  disownFd(fd);
  return fd;
}

export function toPlainError(error: unknown): PlainError {
  const { name, message, code = 'ERR_SYSCALL_THREAD', errno, syscall, path } = error as PlainError;
  return { name, message, code, errno, syscall, path };
}

export function fromPlainError({ name, message, ...details }: PlainError): NetnsError {
  if (name === 'NamespaceNotFoundError') return new NamespaceNotFoundError(message, details);
  if (name === 'NotANamespaceError') return new NotANamespaceError(message, details);
  return new NetnsError(message, details);
}
