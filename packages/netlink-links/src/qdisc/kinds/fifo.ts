import { checkInteger } from 'netns-core/checks';
import { propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { TC_FIFO_QOPT_SIZE } from '../../uapi/pkt-sched.js';
import type { QdiscKind } from './kind.js';

/** First in, first out; tc-pfifo(8). */
export interface FifoAttributes {
  /** Length of the queue: packets, or bytes for `'bfifo'`. That of the link if left out. */
  readonly limit?: number;
}

const properties = propertiesOf<FifoAttributes>({ limit: 'set' });

function fifo(kernelName: string): QdiscKind<FifoAttributes> {
  return {
    kernelName,
    properties,
    check({ limit }) {
      checkInteger('limit', limit, 0, 0xffffffff);
    },
    write(writer, { limit }) {
      if (limit !== undefined) writer.header(TC_FIFO_QOPT_SIZE, (view, at) => view.setUint32(at, limit, LITTLE_ENDIAN));
    },
    read(options, qdisc) {
      if (options.length >= TC_FIFO_QOPT_SIZE) qdisc.limit = options.u32At(0);
    },
  };
}

/** Counts packets. */
export const pfifo = fifo('pfifo');
/** Counts bytes. */
export const bfifo = fifo('bfifo');
/** Counts packets, up to a limit of 64 unless told otherwise; when full drops the packet with the lowest priority. */
export const skbprio = fifo('skbprio');
/** Counts packets, and when full drops the oldest. */
export const pfifoHeadDrop = fifo('pfifo_head_drop');
