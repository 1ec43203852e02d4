import { MessageBytes } from '../message/message-bytes.js';
import { NLMSG_DONE, NLMSG_ERROR, NLMSG_HDRLEN } from '../uapi/netlink.js';
import { LARGEST_PART } from './socket.js';

/** Parts for which one thread of the pool is asked: decoding them takes about a millisecond. */
const AT_ONCE = 8;
/** Sets of parts that are kept for the next dump: what dumps need that run at the same time, two each. */
const KEPT = 4;

/** Memory for some parts of a dump. */
export class DumpParts {
  readonly memories: readonly MessageBytes[];
  readonly buffers: readonly Uint8Array[];
  /** How long the parts are that were received; longer than the memory where they were cut off. */
  readonly sizes: Uint32Array;

  /** @param size of each part, in bytes */
  constructor(count: number, size: number) {
    this.memories = Array.from({ length: count }, () => new MessageBytes(size));
    this.buffers = this.memories.map(({ u8 }) => u8);
    this.sizes = new Uint32Array(count);
  }

  /**
   * Whether the last one of `count` parts holds the end of a dump: `NLMSG_DONE` or an error, which come last, in a part
   * of their own or behind objects.
   */
  endsDump(count: number): boolean {
    const memory = this.memories[count - 1];
    if (memory === undefined) return false;
    const { u16, u32 } = memory;
    const length = Math.min(this.sizes[count - 1] ?? 0, memory.capacity);
    let at = 0;
    let type = 0;
    while (length - at >= NLMSG_HDRLEN) {
      const size = u32[at >> 2] ?? 0;
      if (size < NLMSG_HDRLEN || size > length - at) return false;
      type = u16[(at >> 1) + 2] ?? 0;
      at += (size + 3) & ~3;
    }
    return type === NLMSG_ERROR || type === NLMSG_DONE;
  }
}

// Shared by all connections of this thread: each of them lists now and then, few do at the same time.
const kept: DumpParts[] = [];

/** Memory for parts; for one of `size` bytes at a time where the usual ones are too short. */
export function takeParts(size: number): DumpParts {
  return size > LARGEST_PART ? new DumpParts(1, size) : (kept.pop() ?? new DumpParts(AT_ONCE, LARGEST_PART));
}

/** Keeps memory for the next dump. Nobody may use it any more. */
export function giveBack(parts: DumpParts): void {
  if (kept.length < KEPT && parts.memories[0]?.capacity === LARGEST_PART) kept.push(parts);
}
