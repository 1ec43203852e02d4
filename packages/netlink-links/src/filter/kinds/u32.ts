import { InvalidOptionError } from 'netns-core';
import { checkBoolean, checkInteger } from 'netns-core/checks';
import { checkArray, checkProperties, mustBe, propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { keepUnknown } from '../../message/unknown-attribute.js';
import { checkLinkName } from '../../operation/link-name.js';
import {
  TC_U32_EAT,
  TC_U32_KEY_SIZE,
  TC_U32_MARK_SIZE,
  TC_U32_OFFSET,
  TC_U32_SEL_SIZE,
  TC_U32_TERMINAL,
  TC_U32_VAROFFSET,
  TCA_U32_ACT,
  TCA_U32_CLASSID,
  TCA_U32_DIVISOR,
  TCA_U32_FLAGS,
  TCA_U32_HASH,
  TCA_U32_INDEV,
  TCA_U32_LINK,
  TCA_U32_MARK,
  TCA_U32_PAD,
  TCA_U32_PCNT,
  TCA_U32_SEL,
} from '../../uapi/pkt-cls.js';
import { type FilterKind, readShared, writeClassid, writeFilterActions, writeFilterFlags } from './kind.js';

/** What a filter of u32 compares: 32 bits of the packet. */
export interface U32Key {
  /** From the network header on, in bytes; negative for what is before it. A multiple of four. */
  readonly offset: number;
  /** What must be there, as the number that tc prints in hexadecimal: the first byte is its highest. */
  readonly value: number;
  /** The bits that count. */
  readonly mask: number;
  /** The bits of the packet that are added to the offset: those of the header before. */
  readonly offsetMask?: number | undefined;
  /** Whether the offset counts from the next header on; `nexthdr+` of tc. */
  readonly nextHeader?: boolean | undefined;
}

/** Where the next header begins, for the filters of the table that this one links to. */
export interface U32Offset {
  /** Bytes that are always added; `plus` of tc. */
  readonly plus?: number | undefined;
  /** Where in the packet the length is, in bytes; `at` of tc. */
  readonly at?: number | undefined;
  /** The bits there that count, 16 of them. */
  readonly mask?: number | undefined;
  /** How many bits they are shifted to the right. */
  readonly shift?: number | undefined;
  /** Whether what is before is left out of the packet for good. */
  readonly eat?: boolean | undefined;
}

/** A filter that compares parts of the packet, or a table of such filters; tc-u32(8). */
export interface U32Attributes {
  /** All of them must match. See `u32Match`. */
  readonly keys?: readonly U32Key[];
  /** The table that the filter is in, `'1:'`, or a bucket of it, `'1:5:'`; that of the priority if left out. */
  readonly hashTable?: string;
  /** The table whose filters come next, `'1:'`. */
  readonly linkTable?: string;
  /** Makes a table with so many buckets, a power of two up to 256, and no filter. Its handle is `'1:'`. */
  readonly divisor?: number;
  /** The bits of the packet that choose the bucket of the next table. */
  readonly hashKey?: { readonly offset: number; readonly mask: number };
  /** Where the next header begins. */
  readonly nextHeaderAt?: U32Offset;
  /** The firewall mark that it must have besides. */
  readonly mark?: { readonly value: number; readonly mask: number };
  /** The link that packets have come in by. */
  readonly indev?: string;
  /** Whether a match ends the search; if left out: where the filter has a class or actions. */
  readonly terminal?: boolean;
}

const properties = propertiesOf<U32Attributes>(
  {
    keys: 'set',
    hashTable: 'set',
    linkTable: 'set',
    divisor: 'set',
    hashKey: 'set',
    nextHeaderAt: 'set',
    mark: 'set',
    indev: 'set',
    terminal: 'set',
  },
  { ht: 'hashTable', match: 'keys', hashkey: 'hashKey' },
);
const KEY = propertiesOf<U32Key>({ offset: 'set', value: 'set', mask: 'set', offsetMask: 'set', nextHeader: 'set' });
const OFFSET = propertiesOf<U32Offset>({ plus: 'set', at: 'set', mask: 'set', shift: 'set', eat: 'set' });
const HASH_KEY = propertiesOf<NonNullable<U32Attributes['hashKey']>>({ offset: 'set', mask: 'set' });
const MARK = propertiesOf<NonNullable<U32Attributes['mark']>>({ value: 'set', mask: 'set' });
const SHARED = { classid: TCA_U32_CLASSID, actions: TCA_U32_ACT, flags: TCA_U32_FLAGS };
const MAX_KEYS = 255;
const MAX_U32 = 0xffffffff;
/** The tables that the kernel makes by itself, and those that it numbers, have numbers from here on. */
const FIRST_OWN_TABLE = 0x800;

/** Reads a handle: 12 bits of a table, 8 of a bucket, 12 of a filter. */
function formatU32Handle(handle: number): string {
  const table = handle >>> 20;
  const bucket = (handle >>> 12) & 0xff;
  const node = handle & 0xfff;
  const hex = (number: number): string => (number === 0 ? '' : number.toString(16));
  if (node === 0) return bucket === 0 ? `${hex(table)}:` : `${hex(table)}:${hex(bucket)}:`;
  return `${hex(table)}:${hex(bucket)}:${hex(node)}`;
}

/** The number of a handle as tc takes it: `'800:'`, `'800:5:'`, `'800::800'`, `'::800'`. */
function parseU32Handle(handle: string | number, property = 'handle'): number {
  const wanted = "a handle of u32 as tc writes it, '800::800' or '1:', or its number";
  if (typeof handle === 'number') {
    if (!Number.isInteger(handle) || handle < 0 || handle > MAX_U32) throw mustBe(property, wanted, handle);
    return handle;
  }
  const match =
    typeof handle === 'string' ? /^([0-9a-f]{0,3}):(?:([0-9a-f]{0,2}):([0-9a-f]{0,3}))?$/i.exec(handle) : null;
  if (match === null || handle === ':') throw mustBe(property, wanted, handle);
  const number = (text: string | undefined): number => Number.parseInt(text || '0', 16);
  return number(match[1]) * 0x100000 + number(match[2]) * 0x1000 + number(match[3]);
}

function checkKey(property: string, key: unknown): void {
  checkProperties(key, property, KEY);
  const { offset, value, mask, offsetMask, nextHeader } = key as U32Key;
  for (const [name, each] of Object.entries({ offset, value, mask }))
    if (each === undefined) throw new InvalidOptionError(`${property}.${name}`, `${property} needs \`${name}\``);
  checkInteger(`${property}.offset`, offset, -0x80000000, 0x7fffffff);
  if (offset % 4 !== 0) throw mustBe(`${property}.offset`, 'a multiple of four', offset);
  checkInteger(`${property}.value`, value, 0, MAX_U32);
  checkInteger(`${property}.mask`, mask, 0, MAX_U32);
  checkInteger(`${property}.offsetMask`, offsetMask, 0, MAX_U32);
  checkBoolean(`${property}.nextHeader`, nextHeader);
  if (nextHeader === true && offsetMask !== undefined)
    throw new InvalidOptionError(`${property}.nextHeader`, 'nextHeader and offsetMask exclude each other');
}

export const u32: FilterKind<U32Attributes> = {
  kernelName: 'u32',
  properties,
  shared: SHARED,
  formatHandle: formatU32Handle,
  parseHandle: (handle) => parseU32Handle(handle),
  check(filter) {
    const { keys, hashTable, linkTable, divisor, hashKey, nextHeaderAt, mark, indev, terminal } = filter;
    checkArray('keys', keys, 'keys');
    if (keys !== undefined && keys.length > MAX_KEYS) throw mustBe('keys', `at most ${MAX_KEYS} keys`, keys.length);
    for (const [at, key] of (keys ?? []).entries()) checkKey(`keys[${at}]`, key);
    if (hashTable !== undefined) parseU32Handle(hashTable, 'hashTable');
    if (linkTable !== undefined) parseU32Handle(linkTable, 'linkTable');
    checkInteger('divisor', divisor, 1, 256);
    if (divisor !== undefined) {
      if ((divisor & (divisor - 1)) !== 0) throw mustBe('divisor', 'a power of two from 1 to 256', divisor);
      for (const [name, value] of Object.entries({ keys, hashTable, linkTable, hashKey, nextHeaderAt, mark }))
        if (value !== undefined)
          throw new InvalidOptionError(name, `divisor makes a table, which has no ${name}: filters are put into it`);
    }
    if (hashKey !== undefined) {
      checkProperties(hashKey, 'hashKey', HASH_KEY);
      checkInteger('hashKey.offset', hashKey.offset, -0x8000, 0x7fff);
      checkInteger('hashKey.mask', hashKey.mask, 0, MAX_U32);
    }
    if (nextHeaderAt !== undefined) {
      checkProperties(nextHeaderAt, 'nextHeaderAt', OFFSET);
      const { plus, at, mask, shift, eat } = nextHeaderAt;
      checkInteger('nextHeaderAt.plus', plus, 0, 0xffff);
      checkInteger('nextHeaderAt.at', at, -0x8000, 0x7fff);
      checkInteger('nextHeaderAt.mask', mask, 0, 0xffff);
      checkInteger('nextHeaderAt.shift', shift, 0, 15);
      checkBoolean('nextHeaderAt.eat', eat);
    }
    if (mark !== undefined) {
      checkProperties(mark, 'mark', MARK);
      checkInteger('mark.value', mark.value, 0, MAX_U32);
      checkInteger('mark.mask', mark.mask, 0, MAX_U32);
    }
    if (indev !== undefined) checkLinkName(indev, 'indev');
    checkBoolean('terminal', terminal);
  },
  write(writer, filter, found) {
    const { keys, hashTable, linkTable, divisor, hashKey, nextHeaderAt, mark, indev } = filter;
    if (divisor !== undefined) {
      writer.u32(TCA_U32_DIVISOR, divisor);
      writeFilterFlags(writer, SHARED, filter);
      return;
    }
    if (mark !== undefined)
      writer.struct(TCA_U32_MARK, TC_U32_MARK_SIZE, (view, at) => {
        view.setUint32(at, mark.value, LITTLE_ENDIAN);
        view.setUint32(at + 4, mark.mask, LITTLE_ENDIAN);
      });
    if (linkTable !== undefined) writer.u32(TCA_U32_LINK, parseU32Handle(linkTable));
    writeClassid(writer, SHARED, filter);
    if (indev !== undefined) writer.string(TCA_U32_INDEV, indev);
    writeFilterActions(writer, SHARED, filter, found);
    if (hashTable !== undefined) writer.u32(TCA_U32_HASH, parseU32Handle(hashTable));
    const { terminal = filter.classid !== undefined || (filter.actions ?? []).length > 0 } = filter;
    const list = keys ?? [];
    writer.struct(TCA_U32_SEL, TC_U32_SEL_SIZE + list.length * TC_U32_KEY_SIZE, (view, at) => {
      let flags = terminal ? TC_U32_TERMINAL : 0;
      if (nextHeaderAt !== undefined) {
        const { plus, at: where = 0, mask = 0, shift = 0, eat } = nextHeaderAt;
        if (plus !== undefined) flags |= TC_U32_OFFSET;
        if (mask !== 0) flags |= TC_U32_VAROFFSET;
        if (eat === true) flags |= TC_U32_EAT;
        view.setUint8(at + 1, shift);
        view.setUint16(at + 4, mask, false);
        view.setUint16(at + 6, plus ?? 0, LITTLE_ENDIAN);
        view.setInt16(at + 8, where, LITTLE_ENDIAN);
      }
      view.setUint8(at, flags);
      view.setUint8(at + 2, list.length);
      if (hashKey !== undefined) {
        view.setInt16(at + 10, hashKey.offset, LITTLE_ENDIAN);
        view.setUint32(at + 12, hashKey.mask, false);
      }
      for (const [number, key] of list.entries()) {
        const from = at + TC_U32_SEL_SIZE + number * TC_U32_KEY_SIZE;
        view.setUint32(from, key.mask, false);
        view.setUint32(from + 4, (key.value & key.mask) >>> 0, false);
        view.setInt32(from + 8, key.offset, LITTLE_ENDIAN);
        view.setUint32(from + 12, key.nextHeader === true ? MAX_U32 : (key.offsetMask ?? 0), LITTLE_ENDIAN);
      }
    });
    writeFilterFlags(writer, SHARED, filter);
  },
  read(options, filter) {
    let terminal: boolean | undefined;
    while (options.next()) {
      if (readShared(options, SHARED, filter)) continue;
      switch (options.type) {
        case TCA_U32_DIVISOR:
          filter.divisor = options.u32();
          break;
        case TCA_U32_HASH:
          // The table of a priority is the one that a filter is in where nothing is said of it.
          if (options.u32() >>> 20 < FIRST_OWN_TABLE) filter.hashTable = formatU32Handle(options.u32());
          break;
        case TCA_U32_LINK:
          filter.linkTable = formatU32Handle(options.u32());
          break;
        case TCA_U32_INDEV:
          filter.indev = options.string();
          break;
        case TCA_U32_MARK:
          filter.mark = { value: options.u32At(0), mask: options.u32At(4) };
          break;
        case TCA_U32_SEL: {
          const flags = options.u8At(0);
          terminal = (flags & TC_U32_TERMINAL) !== 0;
          const shift = options.u8At(1);
          const mask = options.u16beAt(4);
          const at = (options.u16At(8) << 16) >> 16;
          if ((flags & ~TC_U32_TERMINAL) !== 0 || mask !== 0)
            filter.nextHeaderAt = {
              ...((flags & TC_U32_OFFSET) !== 0 && { plus: options.u16At(6) }),
              ...(mask !== 0 && { at, mask, shift }),
              ...((flags & TC_U32_EAT) !== 0 && { eat: true }),
            };
          const hashMask = options.u32beAt(12);
          if (hashMask !== 0) filter.hashKey = { offset: (options.u16At(10) << 16) >> 16, mask: hashMask };
          filter.keys = Array.from({ length: options.u8At(2) }, (_, number) => {
            const from = TC_U32_SEL_SIZE + number * TC_U32_KEY_SIZE;
            const offsetMask = options.u32At(from + 12);
            return {
              offset: options.u32At(from + 8) | 0,
              value: options.u32beAt(from + 4),
              mask: options.u32beAt(from),
              ...(offsetMask === MAX_U32 ? { nextHeader: true } : offsetMask !== 0 && { offsetMask }),
            };
          });
          break;
        }
        case TCA_U32_PCNT:
        case TCA_U32_PAD:
          break;
        default:
          keepUnknown(options, filter);
      }
    }
    const usual = filter.classid !== undefined || (filter.actions ?? []).length > 0;
    if (terminal !== undefined && terminal !== usual) filter.terminal = terminal;
  },
};

/** Whether a handle is that of a table that the kernel makes for a priority by itself. */
export function isOwnTable(handle: number, divisor: number | undefined): boolean {
  return divisor === 1 && (handle & 0xfffff) === 0 && handle >>> 20 >= FIRST_OWN_TABLE;
}
