import { InvalidOptionError } from 'netns-core';
import type { AttributeReader } from '../../message/attribute-reader.js';
import { checkArray, checkProperties, mustBe, propertiesOf } from '../../message/checks.js';
import {
  checkFields,
  type Field,
  type Fields,
  fieldReader,
  named,
  type Reading,
  type Spread,
  u8,
  u32,
  writeFields,
} from '../../message/fields.js';
import { flagBits, flagNames } from '../../message/flag-names.js';
import { withJson } from '../../message/json.js';
import { checkUnknown, readInside, type UnknownAttribute, writeUnknown } from '../../message/unknown-attribute.js';
import {
  TC_MQPRIO_QOPT_SIZE,
  TC_TAPRIO_CMD_SET_AND_HOLD,
  TC_TAPRIO_CMD_SET_AND_RELEASE,
  TC_TAPRIO_CMD_SET_GATES,
  TCA_TAPRIO_ATTR_ADMIN_SCHED,
  TCA_TAPRIO_ATTR_FLAGS,
  TCA_TAPRIO_ATTR_PRIOMAP,
  TCA_TAPRIO_ATTR_SCHED_BASE_TIME,
  TCA_TAPRIO_ATTR_SCHED_CLOCKID,
  TCA_TAPRIO_ATTR_SCHED_CYCLE_TIME,
  TCA_TAPRIO_ATTR_SCHED_CYCLE_TIME_EXTENSION,
  TCA_TAPRIO_ATTR_SCHED_ENTRY_LIST,
  TCA_TAPRIO_ATTR_TC_ENTRY,
  TCA_TAPRIO_ATTR_TXTIME_DELAY,
  TCA_TAPRIO_PAD,
  TCA_TAPRIO_SCHED_ENTRY,
  TCA_TAPRIO_SCHED_ENTRY_CMD,
  TCA_TAPRIO_SCHED_ENTRY_GATE_MASK,
  TCA_TAPRIO_SCHED_ENTRY_INDEX,
  TCA_TAPRIO_SCHED_ENTRY_INTERVAL,
  TCA_TAPRIO_TC_ENTRY_INDEX,
  TCA_TAPRIO_TC_ENTRY_MAX_SDU,
} from '../../uapi/pkt-sched.js';
import type { QdiscKind } from './kind.js';
import {
  checkQueueMap,
  fillQueueMap,
  hasQueueMap,
  QUEUE_MAP_PROPERTIES,
  QUEUE_MAP_SYNONYMS,
  type QueueMap,
  readQueueMap,
} from './queue-map.js';
import { type ClockName, clock, instant, longNanoseconds, nanoseconds } from './time-fields.js';

/** A part of the cycle of a schedule. */
export interface TaprioEntry {
  /** Which traffic classes may send, a bit for each. */
  readonly gates: number;
  /** How long, ms; whole nanoseconds. */
  readonly interval: number;
  /** What else happens at its begin; `'set'` if left out, nothing. */
  readonly command?: 'set' | 'hold' | 'release' | number | undefined;
  readonly unknown?: readonly UnknownAttribute[] | undefined;
}

/** What is said of a traffic class. */
export interface TaprioClass {
  readonly index: number;
  /** The longest packet that it may send, bytes; 0 is without a limit. Linux 6.1. */
  readonly maxSdu?: number | undefined;
  readonly unknown?: readonly UnknownAttribute[] | undefined;
}

/** A schedule. */
export interface TaprioSchedule {
  /** What comes after one another in a cycle. */
  readonly entries?: readonly TaprioEntry[];
  /** When the first cycle begins, nanoseconds of the clock; one that is over begins cycles at multiples. */
  readonly baseTime?: bigint;
  /** How long a cycle is, ms; the sum of the intervals if left out. */
  readonly cycleTime?: number;
  /** By how much the last cycle may be longer before another schedule begins, ms. */
  readonly cycleTimeExtension?: number;
}

/** Lets each traffic class send at some times of a cycle (IEEE 802.1Qbv), on links with several queues; tc-taprio(8). */
export interface TaprioAttributes extends QueueMap, TaprioSchedule {
  /** The clock that `baseTime` is of; needed where the kernel keeps the time. */
  readonly clockid?: ClockName | number;
  /** Who keeps the time besides the kernel. */
  readonly flags?: readonly ('txtime-assist' | 'full-offload' | number)[];
  /** With `'txtime-assist'`: how long before its time a packet is handed to the device, ms; whole nanoseconds. */
  readonly txtimeDelay?: number;
  readonly classes?: readonly TaprioClass[];
  /** Told: the schedule that follows this one. */
  readonly admin?: TaprioSchedule;
}

const ENTRY: Fields<TaprioEntry> = {
  command: named(u8(TCA_TAPRIO_SCHED_ENTRY_CMD), {
    set: TC_TAPRIO_CMD_SET_GATES,
    hold: TC_TAPRIO_CMD_SET_AND_HOLD,
    release: TC_TAPRIO_CMD_SET_AND_RELEASE,
  }),
  gates: u32(TCA_TAPRIO_SCHED_ENTRY_GATE_MASK),
  interval: nanoseconds(TCA_TAPRIO_SCHED_ENTRY_INTERVAL),
};
const CLASS: Fields<TaprioClass> = {
  index: u32(TCA_TAPRIO_TC_ENTRY_INDEX),
  maxSdu: u32(TCA_TAPRIO_TC_ENTRY_MAX_SDU),
};

/** Objects each of which is an attribute that holds attributes. */
interface Parts<P extends { readonly unknown?: readonly UnknownAttribute[] | undefined }> {
  readonly fields: Fields<P>;
  readonly needed: readonly (keyof P & string)[];
  readonly names: Parameters<typeof checkProperties>[2];
  readonly take: (data: AttributeReader, into: Reading<P>) => void;
}
const entryParts: Parts<TaprioEntry> = {
  fields: ENTRY,
  needed: ['gates', 'interval'],
  names: propertiesOf<TaprioEntry>(
    { gates: 'set', interval: 'set', command: 'set', unknown: 'set' },
    { gate_mask: 'gates', cmd: 'command' },
  ),
  take: fieldReader(ENTRY, [], [TCA_TAPRIO_SCHED_ENTRY_INDEX]),
};
const classParts: Parts<TaprioClass> = {
  fields: CLASS,
  needed: ['index'],
  names: propertiesOf<TaprioClass>({ index: 'set', maxSdu: 'set', unknown: 'set' }, { max_sdu: 'maxSdu' }),
  take: fieldReader(CLASS),
};

function checkParts<P extends { readonly unknown?: readonly UnknownAttribute[] | undefined }>(
  property: string,
  value: unknown,
  { fields, needed, names }: Parts<P>,
): void {
  checkArray(property, value, property);
  for (const [at, part] of (value as readonly P[]).entries()) {
    const name = `${property}[${at}]`;
    checkProperties(part, name, names);
    for (const key of needed)
      if (part[key] === undefined) throw new InvalidOptionError(`${name}.${key}`, `${name} needs \`${key}\``);
    checkFields(fields, part, `${name}.`);
    checkUnknown(part.unknown, `${name}.unknown`);
  }
}

function readEntries(list: AttributeReader, notKnown: () => void): TaprioEntry[] {
  const entries: TaprioEntry[] = [];
  while (list.next()) {
    if (list.type !== TCA_TAPRIO_SCHED_ENTRY) {
      notKnown();
      continue;
    }
    const entry: Reading<TaprioEntry> = { gates: 0, interval: 0 };
    entryParts.take(list.nested(), entry);
    entries.push(entry as TaprioEntry);
  }
  return entries;
}

const entries: Spread<TaprioSchedule> = {
  properties: ['entries'],
  attributes: [TCA_TAPRIO_ATTR_SCHED_ENTRY_LIST],
  read(data, into) {
    readInside(data, into as Reading<TaprioSchedule>, (list, notKnown) => {
      into.entries = readEntries(list, notKnown);
    });
  },
  check(schedule) {
    if (schedule.entries !== undefined) checkParts('entries', schedule.entries, entryParts);
  },
  write(writer, { entries: list = [] }) {
    writer.nest(
      TCA_TAPRIO_ATTR_SCHED_ENTRY_LIST,
      (outer) => {
        for (const { unknown = [], ...entry } of list)
          outer.nest(TCA_TAPRIO_SCHED_ENTRY, (inner) => {
            writeFields(inner, ENTRY, { ...entry, command: entry.command ?? 'set' });
            writeUnknown(inner, unknown);
          });
      },
      true,
    );
  },
};

const FLAGS = ['txtime-assist', 'full-offload'] as const;
const namesOf = flagNames(FLAGS);
const bitsOf = flagBits(FLAGS);
const flags: Field<NonNullable<TaprioAttributes['flags']>> = {
  attribute: TCA_TAPRIO_ATTR_FLAGS,
  read: (data) => namesOf(data.u32()),
  check(property, value) {
    if (!Array.isArray(value) || bitsOf(value) === undefined)
      throw mustBe(property, `an array of ${FLAGS.join(', ')} and numbers`, value);
  },
  write: (writer, type, value) => void writer.u32(type, bitsOf(value) ?? 0),
};

const SCHEDULE: Fields<TaprioSchedule> = {
  baseTime: instant(TCA_TAPRIO_ATTR_SCHED_BASE_TIME),
  cycleTime: longNanoseconds(TCA_TAPRIO_ATTR_SCHED_CYCLE_TIME),
  cycleTimeExtension: longNanoseconds(TCA_TAPRIO_ATTR_SCHED_CYCLE_TIME_EXTENSION),
};
const readSchedule = fieldReader(SCHEDULE, [entries], [TCA_TAPRIO_PAD]);

/** In the order of tc. */
const HEAD: Fields<TaprioAttributes> = { clockid: clock(TCA_TAPRIO_ATTR_SCHED_CLOCKID), flags };
const TAIL: Fields<TaprioAttributes> = { txtimeDelay: nanoseconds(TCA_TAPRIO_ATTR_TXTIME_DELAY), ...SCHEDULE };

const readAttributes = fieldReader<TaprioAttributes>(
  { ...HEAD, ...TAIL },
  [
    entries as Spread<TaprioAttributes>,
    {
      properties: [],
      attributes: [TCA_TAPRIO_ATTR_PRIOMAP],
      read(data, into) {
        const { hardware: _, ...map } = readQueueMap(data);
        Object.assign(into, map);
      },
      check() {},
      write() {},
    },
    {
      properties: [],
      attributes: [TCA_TAPRIO_ATTR_ADMIN_SCHED],
      read(data, into) {
        const admin: Reading<TaprioSchedule> = {};
        readSchedule(data.nested(), admin);
        into.admin = withJson(admin);
      },
      check() {},
      write() {},
    },
    {
      properties: [],
      attributes: [TCA_TAPRIO_ATTR_TC_ENTRY],
      read(data, into) {
        const one: Reading<TaprioClass> = { index: 0 };
        classParts.take(data.nested(), one);
        into.classes = [...(into.classes ?? []), one as TaprioClass];
      },
      check() {},
      write() {},
    },
  ],
  [TCA_TAPRIO_PAD],
);

export const taprio: QdiscKind<TaprioAttributes> = {
  kernelName: 'taprio',
  properties: propertiesOf<TaprioAttributes>(
    {
      ...QUEUE_MAP_PROPERTIES,
      entries: 'set',
      baseTime: 'set',
      cycleTime: 'set',
      cycleTimeExtension: 'set',
      clockid: 'set',
      flags: 'set',
      txtimeDelay: 'set',
      classes: 'set',
      admin: 'set',
    },
    {
      ...QUEUE_MAP_SYNONYMS,
      sched_entry: 'entries',
      base_time: 'baseTime',
      cycle_time: 'cycleTime',
      cycle_time_extension: 'cycleTimeExtension',
      txtime_delay: 'txtimeDelay',
      max_sdu: 'classes',
    },
  ),
  holdsAttributes: true,
  check(qdisc) {
    const { entries: list, classes } = qdisc;
    if (!Array.isArray(list) || list.length === 0)
      throw new InvalidOptionError('entries', 'taprio needs `entries`: an array of { gates, interval }, in order');
    if (hasQueueMap(qdisc)) checkQueueMap(qdisc);
    checkFields({ ...HEAD, ...TAIL }, qdisc);
    entries.check(qdisc);
    if (classes !== undefined) checkParts('classes', classes, classParts);
  },
  write(writer, qdisc) {
    writeFields(writer, HEAD, qdisc);
    if (hasQueueMap(qdisc))
      writer.struct(TCA_TAPRIO_ATTR_PRIOMAP, TC_MQPRIO_QOPT_SIZE, (view, at) => fillQueueMap(view, at, qdisc, false));
    writeFields(writer, TAIL, qdisc);
    entries.write(writer, qdisc);
    for (const { unknown = [], ...one } of qdisc.classes ?? [])
      writer.nest(
        TCA_TAPRIO_ATTR_TC_ENTRY,
        (inner) => {
          writeFields(inner, CLASS, one);
          writeUnknown(inner, unknown);
        },
        true,
      );
  },
  read(options, qdisc) {
    readAttributes(options.nested(), qdisc);
    const { admin } = qdisc;
    // The first schedule, until it begins.
    if (admin !== undefined && qdisc.entries === undefined) {
      delete qdisc.admin;
      Object.assign(qdisc, admin);
    }
    withJson(qdisc);
  },
};
