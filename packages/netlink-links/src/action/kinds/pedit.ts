import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import type { AttributeReader } from '../../message/attribute-reader.js';
import { checkArray, checkProperties, mustBe, propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { NamedNumbers } from '../../message/named-numbers.js';
import { keepUnknown, readInside } from '../../message/unknown-attribute.js';
import {
  TC_GEN_SIZE,
  TC_PEDIT_KEY_SIZE,
  TC_PEDIT_SEL_SIZE,
  TCA_PEDIT_KEY_EX,
  TCA_PEDIT_KEY_EX_CMD,
  TCA_PEDIT_KEY_EX_CMD_ADD,
  TCA_PEDIT_KEY_EX_CMD_SET,
  TCA_PEDIT_KEY_EX_HDR_TYPE_ETH,
  TCA_PEDIT_KEY_EX_HDR_TYPE_IP4,
  TCA_PEDIT_KEY_EX_HDR_TYPE_IP6,
  TCA_PEDIT_KEY_EX_HDR_TYPE_NETWORK,
  TCA_PEDIT_KEY_EX_HDR_TYPE_TCP,
  TCA_PEDIT_KEY_EX_HDR_TYPE_UDP,
  TCA_PEDIT_KEY_EX_HTYPE,
  TCA_PEDIT_KEYS_EX,
  TCA_PEDIT_PAD,
  TCA_PEDIT_PARMS,
  TCA_PEDIT_PARMS_EX,
  TCA_PEDIT_TM,
} from '../../uapi/tc-act.js';
import { type ActionKind, readGeneral, readTimes, writeGeneral } from './kind.js';

/** A header that offsets count from: `'raw'` is the network header, whatever protocol it is of. */
export type PeditHeader = 'raw' | 'eth' | 'ip' | 'ip6' | 'tcp' | 'udp';

/** 32 bits of a packet that are changed. */
export interface PeditKey {
  /** Where `offset` counts from; `'raw'` if left out. */
  readonly header?: PeditHeader | undefined;
  /** `'set'` writes the value, `'add'` adds it; `'set'` if left out. */
  readonly command?: 'set' | 'add' | undefined;
  /** Bytes from the beginning of the header; a multiple of four, negative for what is before it. */
  readonly offset: number;
  /** The value as a number whose highest byte is the first one of the packet. */
  readonly value: number;
  /** The bits that are changed; all 32 if left out. What tc prints as the mask are the bits that are kept. */
  readonly mask?: number | undefined;
  /**
   * A byte of the packet that is added to the offset: the one at `at`, of which the bits of `mask` count, shifted to the
   * right by `shift`.
   */
  readonly offsetFrom?: { readonly at: number; readonly mask: number; readonly shift: number } | undefined;
}

/**
 * Changes bytes of a packet; tc-pedit(8). Checksums are not corrected: a `csum` action does that. Its control is `'pass'` if
 * it is left out, so give `'pipe'` where another action follows.
 *
 * ```ts
 * { kind: 'pedit', control: 'pipe', keys: [{ header: 'ip', offset: 8, value: 64 << 24, mask: 0xff000000 }] } // the TTL
 * ```
 */
export interface PeditAttributes {
  /** 1 to 255 changes. */
  readonly keys: readonly PeditKey[];
}

const headers = new NamedNumbers<PeditHeader>('header', {
  raw: TCA_PEDIT_KEY_EX_HDR_TYPE_NETWORK,
  eth: TCA_PEDIT_KEY_EX_HDR_TYPE_ETH,
  ip: TCA_PEDIT_KEY_EX_HDR_TYPE_IP4,
  ip6: TCA_PEDIT_KEY_EX_HDR_TYPE_IP6,
  tcp: TCA_PEDIT_KEY_EX_HDR_TYPE_TCP,
  udp: TCA_PEDIT_KEY_EX_HDR_TYPE_UDP,
});
const commands = new NamedNumbers<'set' | 'add'>('command', {
  set: TCA_PEDIT_KEY_EX_CMD_SET,
  add: TCA_PEDIT_KEY_EX_CMD_ADD,
});
const KEY = propertiesOf<PeditKey>(
  { header: 'set', command: 'set', offset: 'set', value: 'set', mask: 'set', offsetFrom: 'set' },
  { htype: 'header', cmd: 'command', at: 'offset', val: 'value' },
);
const OFFSET_FROM = propertiesOf<NonNullable<PeditKey['offsetFrom']>>({ at: 'set', mask: 'set', shift: 'set' });
const MAX_KEYS = 255;
const MAX_U32 = 0xffffffff;

// Offsets in `struct tc_pedit_key`.
const VALUE_OFFSET = 4;
const OFFSET_OFFSET = 8;
const AT_OFFSET = 12;
const OFFMASK_OFFSET = 16;
const SHIFT_OFFSET = 20;

function checkKey(property: string, key: PeditKey): void {
  checkProperties(key, property, KEY);
  const { header, command, offset, value, mask, offsetFrom } = key;
  if (offset === undefined || value === undefined)
    throw new InvalidOptionError(property, `${property} needs \`offset\` and \`value\``);
  if (header !== undefined) headers.number(header, `${property}.header`);
  if (command !== undefined) commands.number(command, `${property}.command`);
  checkInteger(`${property}.offset`, offset, -0x80000000, 0x7fffffff);
  if (offset % 4 !== 0) throw mustBe(`${property}.offset`, 'a multiple of four', offset);
  checkInteger(`${property}.value`, value, 0, MAX_U32);
  checkInteger(`${property}.mask`, mask, 0, MAX_U32);
  if (offsetFrom === undefined) return;
  checkProperties(offsetFrom, `${property}.offsetFrom`, OFFSET_FROM);
  for (const name of ['at', 'mask', 'shift'] as const)
    if (offsetFrom[name] === undefined) throw mustBe(`${property}.offsetFrom.${name}`, 'given', undefined);
  checkInteger(`${property}.offsetFrom.at`, offsetFrom.at, 0, MAX_U32);
  checkInteger(`${property}.offsetFrom.mask`, offsetFrom.mask, 1, MAX_U32);
  checkInteger(`${property}.offsetFrom.shift`, offsetFrom.shift, 0, 31);
}

type ReadKey = { -readonly [K in keyof PeditKey]: PeditKey[K] };

function readKeys(parms: AttributeReader): ReadKey[] {
  return Array.from({ length: parms.u8At(TC_GEN_SIZE) }, (_, number): ReadKey => {
    const from = TC_PEDIT_SEL_SIZE + number * TC_PEDIT_KEY_SIZE;
    const mask = ~parms.u32beAt(from) >>> 0;
    const offMask = parms.u32At(from + OFFMASK_OFFSET);
    return {
      header: 'raw',
      command: 'set',
      offset: parms.u32At(from + OFFSET_OFFSET) | 0,
      value: parms.u32beAt(from + VALUE_OFFSET),
      mask,
      ...(offMask !== 0 && {
        offsetFrom: { at: parms.u32At(from + AT_OFFSET), mask: offMask, shift: parms.u32At(from + SHIFT_OFFSET) },
      }),
    };
  });
}

/** Reads what headers the keys are of and what is done there, in the order of the keys. */
function readExtended(attributes: AttributeReader, notKnown: () => void): Pick<ReadKey, 'header' | 'command'>[] {
  const found: Pick<ReadKey, 'header' | 'command'>[] = [];
  while (attributes.next()) {
    if (attributes.type !== TCA_PEDIT_KEY_EX) {
      notKnown();
      continue;
    }
    const key: Pick<ReadKey, 'header' | 'command'> = {};
    const inner = attributes.nested();
    while (inner.next())
      if (inner.type === TCA_PEDIT_KEY_EX_HTYPE) key.header = headers.name(inner.u16()) as PeditHeader;
      else if (inner.type === TCA_PEDIT_KEY_EX_CMD) key.command = commands.name(inner.u16()) as 'set' | 'add';
      else notKnown();
    found.push(key);
  }
  return found;
}

export const pedit: ActionKind<PeditAttributes> = {
  kernelName: 'pedit',
  properties: propertiesOf<PeditAttributes>({ keys: 'set' }, { munge: 'keys' }),
  holdsAttributes: true,
  check({ keys }) {
    checkArray('keys', keys, 'keys');
    if (keys === undefined || keys.length === 0 || keys.length > MAX_KEYS)
      throw mustBe('keys', `an array of 1 to ${MAX_KEYS} changes`, keys);
    for (const [at, key] of keys.entries()) checkKey(`keys[${at}]`, key);
  },
  write(writer, action) {
    const { keys = [] } = action;
    const extended = keys.some(({ header = 'raw', command = 'set' }) => header !== 'raw' || command !== 'set');
    const size = TC_PEDIT_SEL_SIZE + keys.length * TC_PEDIT_KEY_SIZE;
    writer.struct(extended ? TCA_PEDIT_PARMS_EX : TCA_PEDIT_PARMS, size, (view, at) => {
      writeGeneral(view, at, action, 'pass');
      view.setUint8(at + TC_GEN_SIZE, keys.length);
      for (const [number, { offset, value, mask = MAX_U32, offsetFrom }] of keys.entries()) {
        const from = at + TC_PEDIT_SEL_SIZE + number * TC_PEDIT_KEY_SIZE;
        view.setUint32(from, ~mask >>> 0, false);
        view.setUint32(from + VALUE_OFFSET, value, false);
        view.setInt32(from + OFFSET_OFFSET, offset, LITTLE_ENDIAN);
        if (offsetFrom === undefined) continue;
        view.setUint32(from + AT_OFFSET, offsetFrom.at, LITTLE_ENDIAN);
        view.setUint32(from + OFFMASK_OFFSET, offsetFrom.mask, LITTLE_ENDIAN);
        view.setUint32(from + SHIFT_OFFSET, offsetFrom.shift, LITTLE_ENDIAN);
      }
    });
    if (!extended) return;
    writer.nest(
      TCA_PEDIT_KEYS_EX,
      (list) => {
        for (const { header = 'raw', command = 'set' } of keys)
          list.nest(
            TCA_PEDIT_KEY_EX,
            (key) =>
              void key
                .u16(TCA_PEDIT_KEY_EX_HTYPE, headers.number(header))
                .u16(TCA_PEDIT_KEY_EX_CMD, commands.number(command)),
            true,
          );
      },
      true,
    );
  },
  read(options, action) {
    let keys: ReadKey[] = [];
    let extended: Pick<ReadKey, 'header' | 'command'>[] = [];
    while (options.next())
      switch (options.type) {
        case TCA_PEDIT_PARMS:
        case TCA_PEDIT_PARMS_EX:
          readGeneral(options, action);
          keys = readKeys(options);
          break;
        case TCA_PEDIT_KEYS_EX:
          readInside(options, action, (list, notKnown) => {
            extended = readExtended(list, notKnown);
          });
          break;
        case TCA_PEDIT_TM:
          action.times = readTimes(options);
          break;
        case TCA_PEDIT_PAD:
          break;
        default:
          keepUnknown(options, action);
      }
    action.keys = keys.map((key, at) => ({ ...key, ...extended[at] }));
  },
};
