import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import type { AttributeReader } from '../../message/attribute-reader.js';
import { checkArray, checkProperties, mustBe, propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { TC_PRIORITIES, TC_QOPT_MAX_QUEUE } from '../../uapi/pkt-sched.js';

/** Queues of the hardware that follow one another. */
export interface QueueRange {
  readonly count: number;
  /** The first of them. */
  readonly offset: number;
}

/** Which packets go to which queues of the hardware. */
export interface QueueMap {
  /** Number of traffic classes, 1 to 16; as many as `queues` has if left out. */
  readonly trafficClasses?: number;
  /** For each priority of packets, up to sixteen, the traffic class; 0 where left out. */
  readonly priomap?: readonly number[];
  /** The queues of each traffic class. */
  readonly queues?: readonly QueueRange[];
}

// `struct tc_mqprio_qopt`: num_tc (u8), prio_tc_map (16 times u8), hw (u8), count and offset (16 times u16 each).
const HW_OFFSET = 1 + TC_PRIORITIES;
const COUNT_OFFSET = HW_OFFSET + 1;
const OFFSET_OFFSET = COUNT_OFFSET + 2 * TC_QOPT_MAX_QUEUE;

const RANGE = propertiesOf<QueueRange>({ count: 'set', offset: 'set' });
/** The properties, for the tables of those who have a map. */
export const QUEUE_MAP_PROPERTIES = { trafficClasses: 'set', priomap: 'set', queues: 'set' } as const;
export const QUEUE_MAP_SYNONYMS = { num_tc: 'trafficClasses', map: 'priomap', hw: 'hardware' };

const classesOf = ({ trafficClasses, queues = [] }: QueueMap): number => trafficClasses ?? queues.length;

/** Whether anything is said of the map. */
export const hasQueueMap = (map: QueueMap): boolean =>
  map.trafficClasses !== undefined || map.priomap !== undefined || map.queues !== undefined;

/** Checks a map. @throws InvalidOptionError */
export function checkQueueMap(map: QueueMap): void {
  const { trafficClasses, priomap, queues } = map;
  checkInteger('trafficClasses', trafficClasses, 1, TC_QOPT_MAX_QUEUE);
  checkArray('queues', queues, '{ count, offset }');
  for (const [at, range] of (queues ?? []).entries()) {
    const name = `queues[${at}]`;
    checkProperties(range, name, RANGE);
    for (const property of ['count', 'offset'] as const) {
      if (range[property] === undefined)
        throw new InvalidOptionError(`${name}.${property}`, `${name} needs \`${property}\``);
      checkInteger(`${name}.${property}`, range[property], 0, 0xffff);
    }
  }
  const classes = classesOf(map);
  if (classes < 1 || classes > TC_QOPT_MAX_QUEUE)
    throw mustBe('trafficClasses', `from 1 to ${TC_QOPT_MAX_QUEUE}, or follow from queues`, trafficClasses);
  if ((queues ?? []).length > classes)
    throw mustBe('queues', `an array of at most ${classes} ranges: one for each traffic class`, queues);
  checkArray('priomap', priomap, 'traffic classes');
  if ((priomap ?? []).length > TC_PRIORITIES)
    throw mustBe('priomap', `an array of up to ${TC_PRIORITIES} traffic classes`, priomap);
  for (const [at, each] of (priomap ?? []).entries()) checkInteger(`priomap[${at}]`, each, 0, classes - 1);
}

/** Fills in the structure. */
export function fillQueueMap(view: DataView, at: number, map: QueueMap, hardware: boolean): void {
  const { priomap = [], queues = [] } = map;
  view.setUint8(at, classesOf(map));
  for (const [priority, each] of priomap.entries()) view.setUint8(at + 1 + priority, each);
  view.setUint8(at + HW_OFFSET, hardware ? 1 : 0);
  for (const [index, { count, offset }] of queues.entries()) {
    view.setUint16(at + COUNT_OFFSET + 2 * index, count, LITTLE_ENDIAN);
    view.setUint16(at + OFFSET_OFFSET + 2 * index, offset, LITTLE_ENDIAN);
  }
}

/** Reads the structure. */
export function readQueueMap(data: AttributeReader): Required<QueueMap> & { readonly hardware: boolean } {
  const trafficClasses = data.u8At(0);
  return {
    trafficClasses,
    priomap: Array.from({ length: TC_PRIORITIES }, (_, priority) => data.u8At(1 + priority)),
    hardware: data.u8At(HW_OFFSET) !== 0,
    queues: Array.from({ length: Math.min(trafficClasses, TC_QOPT_MAX_QUEUE) }, (_, index) => ({
      count: data.u16At(COUNT_OFFSET + 2 * index),
      offset: data.u16At(OFFSET_OFFSET + 2 * index),
    })),
  };
}
