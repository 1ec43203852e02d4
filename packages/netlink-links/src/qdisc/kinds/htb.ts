import { checkBoolean, checkInteger } from 'netns-core/checks';
import { propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { keepUnknown } from '../../message/unknown-attribute.js';
import {
  TC_HTB_GLOB_SIZE,
  TC_HTB_PROTOVER,
  TCA_HTB_DIRECT_QLEN,
  TCA_HTB_INIT,
  TCA_HTB_OFFLOAD,
  TCA_HTB_PAD,
} from '../../uapi/pkt-sched.js';
import type { QdiscKind } from './kind.js';

/** Hierarchical token bucket; tc-htb(8). Its classes are made by `classAdd`. */
export interface HtbAttributes {
  /** Minor number of the class for packets that no filter puts in another; 0 sends them unshaped. */
  readonly defaultClass: number;
  /** Divisor that makes a class's quantum of its rate. */
  readonly rateToQuantum: number;
  /** Length of the queue of unshaped packets. */
  readonly directQueueLength?: number;
  /** Told: packets that were sent unshaped. */
  readonly directPackets: number;
  /** The device does the shaping. */
  readonly offload?: boolean;
}

const properties = propertiesOf<HtbAttributes>(
  { defaultClass: 'set', rateToQuantum: 'set', directQueueLength: 'set', directPackets: 'set', offload: 'set' },
  { default: 'defaultClass', r2q: 'rateToQuantum', direct_qlen: 'directQueueLength' },
);

const DEFAULT_RATE_TO_QUANTUM = 10;

export const htb: QdiscKind<HtbAttributes> = {
  kernelName: 'htb',
  properties,
  holdsAttributes: true,
  check({ defaultClass, rateToQuantum, directQueueLength, directPackets, offload }) {
    checkInteger('defaultClass', defaultClass, 0, 0xffff);
    checkInteger('rateToQuantum', rateToQuantum, 1, 0xffffffff);
    checkInteger('directQueueLength', directQueueLength, 0, 0xffffffff);
    checkInteger('directPackets', directPackets, 0, 0xffffffff);
    checkBoolean('offload', offload);
  },
  write(writer, { defaultClass = 0, rateToQuantum = DEFAULT_RATE_TO_QUANTUM, directQueueLength, offload }) {
    writer.struct(TCA_HTB_INIT, TC_HTB_GLOB_SIZE, (view, at) => {
      view.setUint32(at, TC_HTB_PROTOVER, LITTLE_ENDIAN);
      view.setUint32(at + 4, rateToQuantum, LITTLE_ENDIAN);
      view.setUint32(at + 8, defaultClass, LITTLE_ENDIAN);
    });
    if (directQueueLength !== undefined) writer.u32(TCA_HTB_DIRECT_QLEN, directQueueLength);
    if (offload === true) writer.flag(TCA_HTB_OFFLOAD);
  },
  read(options, qdisc) {
    const attributes = options.nested();
    while (attributes.next())
      switch (attributes.type) {
        case TCA_HTB_INIT:
          qdisc.rateToQuantum = attributes.u32At(4);
          qdisc.defaultClass = attributes.u32At(8);
          qdisc.directPackets = attributes.u32At(16);
          break;
        case TCA_HTB_OFFLOAD:
          qdisc.offload = true;
          break;
        case TCA_HTB_DIRECT_QLEN:
          qdisc.directQueueLength = attributes.u32();
          break;
        case TCA_HTB_PAD:
          break;
        default:
          keepUnknown(attributes, qdisc);
      }
  },
};
