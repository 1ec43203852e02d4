import { checkBoolean } from 'netns-core/checks';
import { AttributeReader } from '../../message/attribute-reader.js';
import { checkArray, checkQuantity, mustBe, propertiesOf } from '../../message/checks.js';
import { checkFields, type Field, type Fields, fieldReader, named, u16, writeFields } from '../../message/fields.js';
import {
  TC_MQPRIO_MODE_CHANNEL,
  TC_MQPRIO_MODE_DCB,
  TC_MQPRIO_QOPT_SIZE,
  TC_MQPRIO_SHAPER_BW_RATE,
  TC_MQPRIO_SHAPER_DCB,
  TC_QOPT_MAX_QUEUE,
  TCA_MQPRIO_MAX_RATE64,
  TCA_MQPRIO_MIN_RATE64,
  TCA_MQPRIO_MODE,
  TCA_MQPRIO_SHAPER,
} from '../../uapi/pkt-sched.js';
import type { QdiscKind } from './kind.js';
import {
  checkQueueMap,
  fillQueueMap,
  QUEUE_MAP_PROPERTIES,
  QUEUE_MAP_SYNONYMS,
  type QueueMap,
  readQueueMap,
} from './queue-map.js';

/** Puts packets into the queues of the hardware by their priority; tc-mqprio(8). The kernel takes no changes. */
export interface MqprioAttributes extends QueueMap {
  /** Whether the device arranges its queues for it; `false` if left out (tc has `hw 1`). */
  readonly hardware?: boolean;
  /** What the device is asked for. */
  readonly mode?: 'dcb' | 'channel' | number;
  readonly shaper?: 'dcb' | 'bw_rlimit' | number;
  /** For each traffic class the rate that it has in any case, bits per second; with the shaper `'bw_rlimit'`. */
  readonly minRates?: readonly number[];
  /** The same, the most that it may have. */
  readonly maxRates?: readonly number[];
}

/** Bits per second here, 64 bits of bytes per second in the kernel, each in an attribute of the same number. */
const rates = (attribute: number): Field<readonly number[]> => ({
  attribute,
  read(data) {
    const list: number[] = [];
    const inner = data.nested();
    while (inner.next()) if (inner.type === attribute) list.push(Number(inner.u64()) * 8);
    return list;
  },
  check(property, value) {
    checkArray(property, value, 'rates');
    const list = value as readonly unknown[];
    if (list.length > TC_QOPT_MAX_QUEUE)
      throw mustBe(property, `an array of up to ${TC_QOPT_MAX_QUEUE} rates`, list.length);
    for (const [at, rate] of list.entries())
      checkQuantity(`${property}[${at}]`, rate, 0, Number.MAX_SAFE_INTEGER, 'bits per second');
  },
  write(writer, type, list) {
    writer.nest(
      type,
      (inner) => {
        for (const rate of list) inner.u64(attribute, BigInt(Math.floor(rate / 8)));
      },
      true,
    );
  },
});

const fields: Fields<MqprioAttributes> = {
  mode: named(u16(TCA_MQPRIO_MODE), { dcb: TC_MQPRIO_MODE_DCB, channel: TC_MQPRIO_MODE_CHANNEL }),
  shaper: named(u16(TCA_MQPRIO_SHAPER), { dcb: TC_MQPRIO_SHAPER_DCB, bw_rlimit: TC_MQPRIO_SHAPER_BW_RATE }),
  minRates: rates(TCA_MQPRIO_MIN_RATE64),
  maxRates: rates(TCA_MQPRIO_MAX_RATE64),
};
const readFields = fieldReader(fields);
/** Attributes follow at a multiple of four. */
const ATTRIBUTES_OFFSET = (TC_MQPRIO_QOPT_SIZE + 3) & ~3;

export const mqprio: QdiscKind<MqprioAttributes> = {
  kernelName: 'mqprio',
  properties: propertiesOf<MqprioAttributes>(
    { ...QUEUE_MAP_PROPERTIES, hardware: 'set', mode: 'set', shaper: 'set', minRates: 'set', maxRates: 'set' },
    { ...QUEUE_MAP_SYNONYMS, min_rate: 'minRates', max_rate: 'maxRates' },
  ),
  holdsAttributes: true,
  check(qdisc) {
    checkQueueMap(qdisc);
    checkBoolean('hardware', qdisc.hardware);
    checkFields(fields, qdisc);
  },
  write(writer, qdisc) {
    writer.header(TC_MQPRIO_QOPT_SIZE, (view, at) => fillQueueMap(view, at, qdisc, qdisc.hardware === true));
    writeFields(writer, fields, qdisc);
  },
  read(options, qdisc) {
    Object.assign(qdisc, readQueueMap(options));
    const { bytes, start, end } = options;
    if (end - start > ATTRIBUTES_OFFSET) readFields(new AttributeReader(bytes, start + ATTRIBUTES_OFFSET, end), qdisc);
  },
};
