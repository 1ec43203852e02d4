import type { AttributeReader } from '../../message/attribute-reader.js';

/** What a socket's buffers hold and may hold, in bytes, as `struct sock` has it. */
export interface SocketMemory {
  readonly rmemAlloc: number;
  readonly receiveBuffer: number;
  readonly wmemAlloc: number;
  readonly sendBuffer: number;
  readonly forwardAlloc: number;
  readonly wmemQueued: number;
  readonly optionMemory: number;
  readonly backlog: number;
  /** Packets that were dropped. */
  readonly drops: number;
}

/** Reads what `sock_diag_put_meminfo` writes. */
export function readMemory(value: AttributeReader): SocketMemory {
  return {
    rmemAlloc: value.u32At(0),
    receiveBuffer: value.u32At(4),
    wmemAlloc: value.u32At(8),
    sendBuffer: value.u32At(12),
    forwardAlloc: value.u32At(16),
    wmemQueued: value.u32At(20),
    optionMemory: value.u32At(24),
    backlog: value.u32At(28),
    // Linux 4.7
    drops: value.length >= 36 ? value.u32At(32) : 0,
  };
}
