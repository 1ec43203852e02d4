import { formatIPv4, formatIPv6 } from 'netns-core/sys';
import { readName } from './domain-name.js';
import {
  TYPE_A,
  TYPE_AAAA,
  TYPE_CAA,
  TYPE_CNAME,
  TYPE_MX,
  TYPE_NS,
  TYPE_PTR,
  TYPE_SOA,
  TYPE_SRV,
  TYPE_TXT,
} from './record-types.js';

/** What a record holds. The name that it leads to is as the server wrote it; that of an alias also as it is compared. */
export type RecordData =
  | { readonly type: typeof TYPE_A | typeof TYPE_AAAA; readonly address: string }
  | { readonly type: typeof TYPE_CNAME; readonly target: string; readonly written: string }
  | { readonly type: typeof TYPE_NS | typeof TYPE_PTR; readonly written: string }
  | { readonly type: typeof TYPE_MX; readonly written: string; readonly priority: number }
  | {
      readonly type: typeof TYPE_SRV;
      readonly written: string;
      readonly port: number;
      readonly priority: number;
      readonly weight: number;
    }
  | { readonly type: typeof TYPE_TXT; readonly chunks: readonly string[] }
  | {
      readonly type: typeof TYPE_SOA;
      readonly nsname: string;
      readonly hostmaster: string;
      readonly serial: number;
      readonly refresh: number;
      readonly retry: number;
      readonly expire: number;
      readonly minttl: number;
    }
  | { readonly type: typeof TYPE_CAA; readonly critical: number; readonly tag: string; readonly value: string };

/** The bytes of one record's data, within the message, since names in it may point to others. */
interface Data {
  readonly message: Uint8Array;
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
}

/** Reads the data of one type; `undefined` where it is malformed. */
type Reader = (data: Data) => RecordData | undefined;

const readAddress =
  (type: typeof TYPE_A | typeof TYPE_AAAA): Reader =>
  ({ message, start, end }) => {
    if (end - start !== (type === TYPE_A ? 4 : 16)) return undefined;
    const bytes = message.subarray(start, end);
    return { type, address: type === TYPE_A ? formatIPv4(bytes) : formatIPv6(bytes) };
  };

const readTarget =
  (type: typeof TYPE_NS | typeof TYPE_PTR): Reader =>
  ({ message, start, end }) => {
    const target = readName(message, start, true);
    return target?.end === end ? { type, written: target.name } : undefined;
  };

const readAlias: Reader = ({ message, start, end }) => {
  const target = readName(message, start);
  const written = readName(message, start, true);
  return target?.end === end && written !== undefined
    ? { type: TYPE_CNAME, target: target.name, written: written.name }
    : undefined;
};

const readExchange: Reader = ({ message, view, start, end }) => {
  if (end - start < 3) return undefined;
  const exchange = readName(message, start + 2, true);
  return exchange?.end === end ? { type: TYPE_MX, written: exchange.name, priority: view.getUint16(start) } : undefined;
};

const readService: Reader = ({ message, view, start, end }) => {
  if (end - start < 7) return undefined;
  const target = readName(message, start + 6, true);
  if (target?.end !== end) return undefined;
  return {
    type: TYPE_SRV,
    written: target.name,
    port: view.getUint16(start + 4),
    priority: view.getUint16(start),
    weight: view.getUint16(start + 2),
  };
};

const readText: Reader = ({ message, start, end }) => {
  const chunks: string[] = [];
  for (let at = start; at < end; ) {
    const next = at + 1 + (message[at] ?? 0);
    if (next > end) return undefined;
    chunks.push(latin1(message.subarray(at + 1, next)));
    at = next;
  }
  return chunks.length === 0 ? undefined : { type: TYPE_TXT, chunks };
};

const readAuthority: Reader = ({ message, view, start, end }) => {
  const primary = readName(message, start, true);
  const mailbox = primary && readName(message, primary.end, true);
  if (primary === undefined || mailbox === undefined || mailbox.end + 20 !== end) return undefined;
  const number = (index: number): number => view.getUint32(mailbox.end + 4 * index);
  return {
    type: TYPE_SOA,
    nsname: primary.name,
    hostmaster: mailbox.name,
    serial: number(0),
    refresh: number(1),
    retry: number(2),
    expire: number(3),
    minttl: number(4),
  };
};

/** RFC 8659 section 4.1: flags, the length of the tag, the tag, and the value up to the end. */
const readAuthorization: Reader = ({ message, start, end }) => {
  const value = start + 2 + (message[start + 1] ?? 0);
  if (end - start < 3 || value === start + 2 || value > end) return undefined;
  return {
    type: TYPE_CAA,
    critical: message[start] ?? 0,
    tag: latin1(message.subarray(start + 2, value)),
    value: latin1(message.subarray(value, end)),
  };
};

const READERS: ReadonlyMap<number, Reader> = new Map([
  [TYPE_A, readAddress(TYPE_A)],
  [TYPE_AAAA, readAddress(TYPE_AAAA)],
  [TYPE_CAA, readAuthorization],
  [TYPE_CNAME, readAlias],
  [TYPE_MX, readExchange],
  [TYPE_NS, readTarget(TYPE_NS)],
  [TYPE_PTR, readTarget(TYPE_PTR)],
  [TYPE_SOA, readAuthority],
  [TYPE_SRV, readService],
  [TYPE_TXT, readText],
]);

/**
 * Reads the data of a record.
 *
 * @returns `'unknown'` for a type that is not read here, `undefined` where the data is malformed
 */
export function readRecordData(
  type: number,
  message: Uint8Array,
  view: DataView,
  start: number,
  end: number,
): RecordData | 'unknown' | undefined {
  const reader = READERS.get(type);
  return reader === undefined ? 'unknown' : reader({ message, view, start, end });
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
