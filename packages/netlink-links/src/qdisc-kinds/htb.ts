import { checkInteger } from '../codec/checked-number.js';
import { LITTLE_ENDIAN } from '../codec/endianness.js';
import { propertiesOf } from '../codec/properties.js';
import type { QdiscKind } from './kind.js';

/** Hierarchical token bucket; tc-htb(8). Its classes are not a part of this package. */
export interface HtbAttributes {
  /** Minor number of the class for packets that no filter puts in another; 0 sends them unshaped. */
  defaultClass: number;
  /** Divisor that makes a class's quantum of its rate. */
  rateToQuantum: number;
  /** Length of the queue of unshaped packets. */
  directQueueLength?: number;
  /** Packets that were sent unshaped; it can only be read. */
  directPackets: number;
}

const properties = propertiesOf<HtbAttributes>(
  { defaultClass: 'set', rateToQuantum: 'set', directQueueLength: 'set', directPackets: 'set' },
  { default: 'defaultClass', r2q: 'rateToQuantum', direct_qlen: 'directQueueLength' },
);

const TCA_HTB_INIT = 2;
const TCA_HTB_DIRECT_QLEN = 5;
/** `struct tc_htb_glob`: version, rate2quantum, defcls, debug, direct_pkts. */
const TC_HTB_GLOB_SIZE = 20;
const VERSION = 3;

export const htb: QdiscKind<HtbAttributes> = {
  kernelName: 'htb',
  properties,
  encode(writer, { defaultClass = 0, rateToQuantum = 10, directQueueLength }) {
    checkInteger('class', defaultClass, 0, 0xffff);
    checkInteger('divisor', rateToQuantum, 1, 0xffffffff);
    checkInteger('length of a queue', directQueueLength, 0, 0xffffffff);
    writer.struct(TCA_HTB_INIT, TC_HTB_GLOB_SIZE, (view, at) => {
      view.setUint32(at, VERSION, LITTLE_ENDIAN);
      view.setUint32(at + 4, rateToQuantum, LITTLE_ENDIAN);
      view.setUint32(at + 8, defaultClass, LITTLE_ENDIAN);
    });
    if (directQueueLength !== undefined) writer.u32(TCA_HTB_DIRECT_QLEN, directQueueLength);
  },
  decode(options, qdisc) {
    const attributes = options.nested();
    while (attributes.next())
      switch (attributes.type) {
        case TCA_HTB_INIT:
          qdisc.rateToQuantum = attributes.u32At(4);
          qdisc.defaultClass = attributes.u32At(8);
          qdisc.directPackets = attributes.u32At(16);
          break;
        case TCA_HTB_DIRECT_QLEN:
          qdisc.directQueueLength = attributes.u32();
          break;
      }
  },
};
