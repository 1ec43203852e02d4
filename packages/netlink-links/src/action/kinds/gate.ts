import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import type { AttributeReader } from '../../message/attribute-reader.js';
import { checkArray, checkProperties, mustBe, propertiesOf } from '../../message/checks.js';
import {
  checkFields,
  type Field,
  type Fields,
  fieldReader,
  flag,
  type Reading,
  u32,
  writeFields,
} from '../../message/fields.js';
import type { MessageWriter } from '../../message/message-writer.js';
import { checkUnknown, readInside, type UnknownAttribute, writeUnknown } from '../../message/unknown-attribute.js';
import { type ClockName, clock, instant, longNanoseconds, nanoseconds } from '../../qdisc/kinds/time-fields.js';
import {
  TC_GEN_SIZE,
  TCA_GATE_BASE_TIME,
  TCA_GATE_CLOCKID,
  TCA_GATE_CYCLE_TIME,
  TCA_GATE_CYCLE_TIME_EXT,
  TCA_GATE_ENTRY_GATE,
  TCA_GATE_ENTRY_INDEX,
  TCA_GATE_ENTRY_INTERVAL,
  TCA_GATE_ENTRY_IPV,
  TCA_GATE_ENTRY_LIST,
  TCA_GATE_ENTRY_MAX_OCTETS,
  TCA_GATE_FLAGS,
  TCA_GATE_ONE_ENTRY,
  TCA_GATE_PAD,
  TCA_GATE_PARMS,
  TCA_GATE_PRIORITY,
  TCA_GATE_TM,
} from '../../uapi/tc-act.js';
import { type ActionKind, structuredKind } from './kind.js';

/** A part of the cycle of a gate. */
export interface GateEntry {
  /** Whether packets pass; they are dropped while it is closed. */
  readonly open: boolean;
  /** How long it is so, ms; whole nanoseconds, of which the kernel wants one at least. */
  readonly interval: number;
  /** The priority that packets have inside of the device, which names the queue; that of the packet if left out. */
  readonly internalPriority?: number | undefined;
  /** Bytes that pass in this time; no limit if left out. */
  readonly maxOctets?: number | undefined;
  readonly unknown?: readonly UnknownAttribute[] | undefined;
}

/**
 * Lets packets pass at some times of a cycle and drops them at others (IEEE 802.1Qci); tc-gate(8). Its control, of the
 * packets that pass, is `'pipe'` if it is left out.
 */
export interface GateAttributes {
  /** What comes after one another in a cycle. */
  readonly entries: readonly GateEntry[];
  /** The clock that `baseTime` is of; `'tai'` if left out. */
  readonly clockid?: ClockName | number;
  /** When the first cycle begins, nanoseconds of the clock; one that is over begins cycles at multiples. 0n if left out. */
  readonly baseTime?: bigint;
  /** How long a cycle is, ms; the sum of the intervals if left out. */
  readonly cycleTime?: number;
  /** By how much the last cycle may be longer before the schedule changes, ms. The kernel keeps it for devices. */
  readonly cycleTimeExtension?: number;
  /** The priority of the stream, by which devices know it; none if left out. */
  readonly priority?: number;
  /** Flags for devices, as the kernel has them. */
  readonly flags?: number;
}

const NONE = -1;
const MAX = 0x7fffffff;

/** A signed number; the kernel has a negative one where there is none. */
const orNone = (attribute: number): Field<number> => ({
  attribute,
  read(data) {
    const value = data.i32();
    return value < 0 ? undefined : value;
  },
  check: (property, value) => void checkInteger(property, value, 0, MAX),
  write: (writer, type, value) => void writer.i32(type, value),
});

const ENTRY: Fields<GateEntry> = {
  open: flag(TCA_GATE_ENTRY_GATE),
  interval: nanoseconds(TCA_GATE_ENTRY_INTERVAL),
  internalPriority: orNone(TCA_GATE_ENTRY_IPV),
  maxOctets: orNone(TCA_GATE_ENTRY_MAX_OCTETS),
};
const ENTRY_PROPERTIES = propertiesOf<GateEntry>(
  { open: 'set', interval: 'set', internalPriority: 'set', maxOctets: 'set', unknown: 'set' },
  { ipv: 'internalPriority', internal_priority: 'internalPriority', max_octets: 'maxOctets', gate: 'open' },
);
const takeEntry = fieldReader<GateEntry>(ENTRY, [], [TCA_GATE_ENTRY_INDEX]);

function checkEntry(property: string, entry: unknown): void {
  checkProperties(entry, property, ENTRY_PROPERTIES);
  const { open, interval, unknown } = entry as Partial<GateEntry>;
  if (typeof open !== 'boolean') throw mustBe(`${property}.open`, 'true or false', open);
  checkFields(ENTRY, entry as GateEntry, `${property}.`);
  if (interval === undefined || Math.round(interval * 1e6) < 1)
    throw mustBe(`${property}.interval`, 'milliseconds, 0.000001 or more', interval);
  checkUnknown(unknown, `${property}.unknown`);
}

function writeEntry(writer: MessageWriter, entry: GateEntry): void {
  const { internalPriority = NONE, maxOctets = NONE, unknown } = entry;
  writeFields(writer, ENTRY, { ...entry, internalPriority, maxOctets });
  if (unknown !== undefined) writeUnknown(writer, unknown);
}

function readEntries(list: AttributeReader, notKnown: () => void): GateEntry[] {
  const entries: GateEntry[] = [];
  while (list.next()) {
    if (list.type !== TCA_GATE_ONE_ENTRY) {
      notKnown();
      continue;
    }
    const entry: Reading<GateEntry> = { open: false, interval: 0 };
    takeEntry(list.nested(), entry);
    entries.push(entry as GateEntry);
  }
  return entries;
}

export const gate: ActionKind<GateAttributes> = structuredKind<GateAttributes>({
  kernelName: 'gate',
  parms: TCA_GATE_PARMS,
  size: TC_GEN_SIZE,
  tm: TCA_GATE_TM,
  pad: TCA_GATE_PAD,
  hasBigints: true,
  fields: {
    priority: orNone(TCA_GATE_PRIORITY),
    flags: u32(TCA_GATE_FLAGS),
    baseTime: instant(TCA_GATE_BASE_TIME),
    cycleTime: longNanoseconds(TCA_GATE_CYCLE_TIME),
    cycleTimeExtension: longNanoseconds(TCA_GATE_CYCLE_TIME_EXT),
    clockid: clock(TCA_GATE_CLOCKID),
  },
  properties: propertiesOf<GateAttributes>(
    {
      entries: 'set',
      clockid: 'set',
      baseTime: 'set',
      cycleTime: 'set',
      cycleTimeExtension: 'set',
      priority: 'set',
      flags: 'set',
    },
    {
      clock: 'clockid',
      base_time: 'baseTime',
      cycle_time: 'cycleTime',
      cycle_time_ext: 'cycleTimeExtension',
      sched_entry: 'entries',
      schedule: 'entries',
    },
  ),
  defaultControl: 'pipe',
  check({ entries }) {
    if (!Array.isArray(entries) || entries.length === 0)
      throw new InvalidOptionError('entries', 'gate needs `entries`: an array of { open, interval }, in order');
    checkArray('entries', entries, 'entries');
    for (const [at, entry] of entries.entries()) checkEntry(`entries[${at}]`, entry);
  },
  more(writer, { entries = [] }) {
    writer.nest(
      TCA_GATE_ENTRY_LIST,
      (list) => {
        for (const entry of entries) list.nest(TCA_GATE_ONE_ENTRY, (inner) => writeEntry(inner, entry), true);
      },
      true,
    );
  },
  takeMore(attribute, action) {
    if (attribute.type !== TCA_GATE_ENTRY_LIST) return false;
    readInside(attribute, action, (list, notKnown) => {
      action.entries = readEntries(list, notKnown);
    });
    return true;
  },
});
