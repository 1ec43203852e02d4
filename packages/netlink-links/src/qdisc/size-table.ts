import { checkInteger } from 'netns-core/checks';
import type { AttributeReader } from '../message/attribute-reader.js';
import { checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import type { MessageWriter } from '../message/message-writer.js';
import {
  checkUnknown,
  type KeptUnknown,
  keepUnknown,
  type WithUnknown,
  writeUnknown,
} from '../message/unknown-attribute.js';
import {
  ATM_CELL_PAYLOAD,
  ATM_CELL_SIZE,
  TC_LINKLAYER_ATM,
  TC_LINKLAYER_ETHERNET,
  TC_LINKLAYER_UNAWARE,
  TC_SIZESPEC_SIZE,
  TCA_STAB,
  TCA_STAB_BASE,
  TCA_STAB_DATA,
} from '../uapi/pkt-sched.js';

/** How long packets are for a queueing discipline: what the line below makes of them; tc-stab(8). */
export interface QdiscSizeTable extends WithUnknown {
  /** Bytes that every packet counts more, or less. */
  readonly overhead?: number | undefined;
  /** Bytes that the smallest packet counts. */
  readonly minimumPacketUnit?: number | undefined;
  /** `'atm'` counts whole cells, of 48 bytes in 53. */
  readonly linklayer?: 'ethernet' | 'atm' | undefined;
  /** The largest packet that the table has, bytes; 2047 if left out. Without a table there is none. */
  readonly mtu?: number | undefined;
  /** How many sizes the table has; 512 if left out. Without a table there are none. */
  readonly tableSize?: number | undefined;
}

const PROPERTIES = propertiesOf<QdiscSizeTable>(
  { overhead: 'set', minimumPacketUnit: 'set', linklayer: 'set', mtu: 'set', tableSize: 'set', unknown: 'set' },
  { mpu: 'minimumPacketUnit', tsize: 'tableSize', atm: 'linklayer' },
);

const DEFAULT_MTU = 2047;
const DEFAULT_TABLE_SIZE = 512;
const MAX_TABLE_SIZE = 16_384;
const MAX_I32 = 0x7fffffff;
/** Sizes are 16-bit numbers, scaled where they would not fit. */
const MAX_SIZE = 0xffff;

// Offsets in `struct tc_sizespec`.
const SIZE_LOG_OFFSET = 1;
const CELL_ALIGN_OFFSET = 2;
const OVERHEAD_OFFSET = 4;
const LINKLAYER_OFFSET = 8;
const MPU_OFFSET = 12;
const MTU_OFFSET = 16;
const TSIZE_OFFSET = 20;

const LINKLAYERS = { ethernet: TC_LINKLAYER_ETHERNET, atm: TC_LINKLAYER_ATM } as const;

/** Checks a size table; `undefined` passes. @throws InvalidOptionError */
export function checkSizeTable(table: unknown): void {
  if (table === undefined) return;
  checkProperties(table, 'sizeTable', PROPERTIES);
  const { overhead, minimumPacketUnit, linklayer, mtu, tableSize } = table as QdiscSizeTable;
  checkInteger('sizeTable.overhead', overhead, -MAX_I32, MAX_I32);
  checkInteger('sizeTable.minimumPacketUnit', minimumPacketUnit, 0, MAX_I32);
  checkInteger('sizeTable.mtu', mtu, 1, MAX_I32);
  checkInteger('sizeTable.tableSize', tableSize, 1, MAX_TABLE_SIZE);
  checkUnknown((table as QdiscSizeTable).unknown, 'sizeTable.unknown');
  if (linklayer !== undefined && linklayer !== 'ethernet' && linklayer !== 'atm')
    throw mustBe('sizeTable.linklayer', "'ethernet' or 'atm'", linklayer);
}

/** Writes a size table as `tc` does, with the table where one is needed (`tc_calc_size_table` of iproute2). */
export function writeSizeTable(writer: MessageWriter, table: QdiscSizeTable): void {
  const { overhead = 0, minimumPacketUnit: mpu = 0, linklayer } = table;
  const isAtm = linklayer === 'atm';
  const hasTable = isAtm || mpu > 0;
  const mtu = hasTable ? (table.mtu ?? DEFAULT_MTU) : 0;
  const count = hasTable ? (table.tableSize ?? DEFAULT_TABLE_SIZE) : 0;
  let cellLog = 0;
  while (hasTable && Math.floor((mtu - 1) / 2 ** cellLog) > count - 1) cellLog += 1;
  const sizes = Array.from({ length: count }, (_, index) => {
    const size = Math.max((index + 1) * 2 ** cellLog, mpu);
    return isAtm ? Math.ceil(size / ATM_CELL_PAYLOAD) * ATM_CELL_SIZE : size;
  });
  let sizeLog = 0;
  while (Math.floor((sizes.at(-1) ?? 0) / 2 ** sizeLog) > MAX_SIZE) sizeLog += 1;
  writer.nest(TCA_STAB, (nested) => {
    nested.struct(TCA_STAB_BASE, TC_SIZESPEC_SIZE, (view, at) => {
      view.setUint8(at, cellLog);
      view.setUint8(at + SIZE_LOG_OFFSET, sizeLog);
      view.setInt16(at + CELL_ALIGN_OFFSET, hasTable ? -1 : 0, LITTLE_ENDIAN);
      view.setInt32(at + OVERHEAD_OFFSET, overhead, LITTLE_ENDIAN);
      view.setUint32(
        at + LINKLAYER_OFFSET,
        linklayer === undefined ? TC_LINKLAYER_UNAWARE : LINKLAYERS[linklayer],
        LITTLE_ENDIAN,
      );
      view.setUint32(at + MPU_OFFSET, mpu, LITTLE_ENDIAN);
      view.setUint32(at + MTU_OFFSET, mtu, LITTLE_ENDIAN);
      view.setUint32(at + TSIZE_OFFSET, count, LITTLE_ENDIAN);
    });
    if (hasTable)
      nested.struct(TCA_STAB_DATA, count * 2, (view, at) => {
        for (const [index, size] of sizes.entries())
          view.setUint16(at + index * 2, Math.floor(size / 2 ** sizeLog), LITTLE_ENDIAN);
      });
    if (table.unknown !== undefined) writeUnknown(nested, table.unknown);
  });
}

/** Reads the attributes inside `TCA_STAB`. The kernel tells what the table was made of, and not the table. */
export function readSizeTable(attributes: AttributeReader): QdiscSizeTable | undefined {
  let table: QdiscSizeTable | undefined;
  const kept: KeptUnknown = {};
  while (attributes.next()) {
    if (attributes.type !== TCA_STAB_BASE) {
      if (attributes.type !== TCA_STAB_DATA) keepUnknown(attributes, kept);
      continue;
    }
    const linklayer = attributes.u32At(LINKLAYER_OFFSET);
    const mpu = attributes.u32At(MPU_OFFSET);
    const mtu = attributes.u32At(MTU_OFFSET);
    const count = attributes.u32At(TSIZE_OFFSET);
    table = {
      overhead: attributes.u32At(OVERHEAD_OFFSET) | 0,
      ...(mpu !== 0 && { minimumPacketUnit: mpu }),
      ...(linklayer === TC_LINKLAYER_ATM && { linklayer: 'atm' as const }),
      ...(linklayer === TC_LINKLAYER_ETHERNET && { linklayer: 'ethernet' as const }),
      ...(mtu !== 0 && { mtu }),
      ...(count !== 0 && { tableSize: count }),
    };
  }
  return table === undefined ? undefined : { ...table, ...kept };
}
