import { subscribe } from 'node:diagnostics_channel';
import { existsSync, readlinkSync } from 'node:fs';
import { isSharedArrayBuffer } from 'node:util/types';
import { getEnvironmentData, isMainThread, setEnvironmentData, threadId, type Worker } from 'node:worker_threads';
import { sys } from './current.js';
import type { FileIdentity } from './syscalls.js';

// Nothing of ours runs in a worker thread that is terminated, nor in one that ends. So what such a thread has open is
// written down in memory that all threads of the process share, and the thread that started it closes what is still
// written there once it is gone. The main thread makes the table when it loads the first copy of this package; worker
// threads inherit it. Without a table (the main thread does not load this package) each thread keeps its own list.

/** How many worker threads can have something open at the same time; the descriptors of further ones are not recorded. */
const MAX_THREADS = 256;
/** For what is open on behalf of a call that is under way. */
const MAX_SLOTS = 128;
/** For what lasts longer: handles. */
const MAX_RECORDS = 256;

// A thread's part of the table: words of 32 bits.
/** Node's number of the thread, which no other thread of the process ever gets; or one of the states below. */
const OWNER = 0;
/** The thread's number in /proc; 0 where it is not known. */
const TID = 1;
const SLOTS = 2;
const RECORDS = SLOTS + MAX_SLOTS;
/** Of a record: the descriptor (negative for none), and the low words of its device and inode. */
const RECORD_LENGTH = 3;
const PART_LENGTH = RECORDS + MAX_RECORDS * RECORD_LENGTH;

const FREE = 0;
/** It is being taken by a thread, or what a thread has left there is being closed. */
const RESERVED = -1;

/** Bears the number of the layout: copies of this package with another one have a table of their own. */
const KEY = 'netns-core.thread-descriptors.1';

interface ThreadPart {
  readonly table: Int32Array;
  /** Where the thread's part begins. */
  readonly start: number;
  /** How many slots are given out. */
  slots: number;
  /** Places of unused records. */
  readonly free: number[];
}

interface ThreadDescriptors {
  /** The thread's number in /proc when this package was loaded; 0 where it is not known. */
  readonly tid: number;
  /** `undefined` until it is needed, null where there is none. */
  part: ThreadPart | null | undefined;
}

// Once per thread, whichever copy of this package asks.
const OWN = Symbol.for(KEY);
const holder = process as typeof process & { [OWN]?: ThreadDescriptors };
if (process.platform === 'linux' && holder[OWN] === undefined) {
  holder[OWN] = { tid: ownTid(), part: isMainThread ? null : undefined };
  if (isMainThread && getEnvironmentData(KEY) === undefined)
    setEnvironmentData(KEY, new SharedArrayBuffer(MAX_THREADS * PART_LENGTH * Int32Array.BYTES_PER_ELEMENT));
  subscribe('worker_threads', (message) => {
    const { worker } = message as { worker: Worker };
    const id = worker.threadId;
    worker.once('exit', () => closeLeftBehind(id));
  });
}
const own: ThreadDescriptors = holder[OWN] ?? { tid: 0, part: null };

/**
 * Slots for descriptors that the calling thread has open for a moment, each negative while there is none. If the thread
 * is a worker that is terminated, what they hold is closed.
 *
 * @param count at most {@link MAX_SLOTS}, all calls of the thread together; further ones are the thread's own memory
 */
export function threadSlots(count: number): Int32Array {
  const part = ownPart();
  if (part === null || part.slots + count > MAX_SLOTS) return new Int32Array(count).fill(-1);
  const first = part.start + SLOTS + part.slots;
  part.slots += count;
  return part.table.subarray(first, first + count);
}

/** Where a descriptor is recorded. */
export interface FdRecord {
  readonly words: Int32Array;
  readonly at: number;
}

/**
 * Records a descriptor that the calling thread keeps: if the thread is a worker that is terminated, it is closed,
 * provided that it is still the same file.
 *
 * @returns `undefined` in the main thread, and where there is no space left
 */
export function recordFd(fd: number, identity: FileIdentity | undefined): FdRecord | undefined {
  const part = ownPart();
  if (part === null || identity === undefined || fd < 0) return undefined;
  const at = part.free.pop();
  if (at === undefined) return undefined;
  const words = part.table;
  words[at + 1] = lowWord(identity.dev);
  words[at + 2] = lowWord(identity.ino);
  // Last: a record counts once it has a descriptor.
  words[at] = fd;
  return { words, at };
}

/** Closes a descriptor and deletes its record, of which V8 does both or neither if it ends the thread. */
export function closeRecorded(fd: number, record: FdRecord | undefined): void {
  sys().close(fd);
  if (record === undefined) return;
  record.words[record.at] = -1;
  own.part?.free.push(record.at);
}

/** Deletes the record of a descriptor that does not belong to the calling thread any more. */
export function disownFd(fd: number): void {
  const { part } = own;
  if (part === null || part === undefined) return;
  for (let at = part.start + RECORDS; at < part.start + PART_LENGTH; at += RECORD_LENGTH) {
    if (part.table[at] !== fd) continue;
    part.table[at] = -1;
    part.free.push(at);
  }
}

const lowWord = (value: bigint): number => Number(BigInt.asIntN(32, value));

function sharedTable(): Int32Array | undefined {
  const memory = getEnvironmentData(KEY);
  return isSharedArrayBuffer(memory) ? new Int32Array(memory) : undefined;
}

function ownPart(): ThreadPart | null {
  if (own.part === undefined) own.part = takePart();
  return own.part;
}

function takePart(): ThreadPart | null {
  const table = sharedTable();
  if (table === undefined) return null;
  for (let start = 0; start < table.length; start += PART_LENGTH) {
    if (Atomics.compareExchange(table, start + OWNER, FREE, RESERVED) !== FREE) continue;
    table.fill(-1, start + SLOTS, start + PART_LENGTH);
    table[start + TID] = own.tid;
    Atomics.store(table, start + OWNER, threadId);
    const free = Array.from({ length: MAX_RECORDS }, (_, index) => start + RECORDS + index * RECORD_LENGTH);
    return { table, start, slots: 0, free: free.reverse() };
  }
  return null;
}

/** Read from /proc, which may number threads otherwise than gettid(2) does: it may be that of another PID namespace. */
function ownTid(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1)) || 0;
  } catch {
    return 0;
  }
}

/** Closes what a thread has left open that has ended, and what threads have left that ended unheard. */
function closeLeftBehind(ended: number): void {
  const table = sharedTable();
  if (table === undefined) return;
  // The end of threads of a thread that was itself terminated is not reported. /proc tells, if it is there, and
  // still the same one.
  const isKnown = own.tid > 0 && own.tid === ownTid();
  for (let start = 0; start < table.length; start += PART_LENGTH) {
    const owner = Atomics.load(table, start + OWNER);
    if (owner <= 0 || owner === threadId) continue;
    const tid = table[start + TID] ?? 0;
    if (owner !== ended && (!isKnown || tid <= 0 || existsSync(`/proc/self/task/${tid}`))) continue;
    // Several threads may find it at the same time.
    if (Atomics.compareExchange(table, start + OWNER, owner, RESERVED) !== owner) continue;
    closePart(table, start);
    Atomics.store(table, start + OWNER, FREE);
  }
}

function closePart(table: Int32Array, start: number): void {
  const calls = sys();
  const inSlots = new Set(table.subarray(start + SLOTS, start + RECORDS));
  for (const fd of inSlots) if (fd >= 0) calls.close(fd);
  for (let at = start + RECORDS; at < start + PART_LENGTH; at += RECORD_LENGTH) {
    const fd = table[at] ?? -1;
    if (fd < 0 || inSlots.has(fd)) continue;
    // Whoever got the number of a handle may have closed it.
    const found = calls.fstat(fd);
    if (typeof found === 'number') continue;
    if (lowWord(found.dev) === table[at + 1] && lowWord(found.ino) === table[at + 2]) calls.close(fd);
  }
}
