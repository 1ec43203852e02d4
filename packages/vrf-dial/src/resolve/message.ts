import { readName, wireLength, writeName } from './domain-name.js';
import { type RecordData, readRecordData } from './record-data.js';
import { TYPE_OPT } from './record-types.js';

const CLASS_IN = 1;

/** Response codes, RFC 1035 and 6891. */
export const NOERROR = 0;
export const FORMERR = 1;
export const NXDOMAIN = 3;
export const NOTIMP = 4;
export const BADVERS = 16;

const RCODE_NAMES: readonly string[] = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

/** `'SERVFAIL'`, or the number where it has no name that matters here. */
export function rcodeName(rcode: number): string {
  return RCODE_NAMES[rcode] ?? `response code ${rcode}`;
}

/** As an error code, c-ares' names where it has them: `'ESERVFAIL'`. */
export function rcodeErrorCode(rcode: number): string {
  const name = RCODE_NAMES[rcode];
  return name === undefined ? 'EBADRESP' : `E${name}`;
}

/** The largest answer that we take in one datagram: it fits every path without fragments (DNS flag day 2020). */
const UDP_PAYLOAD = 1232;
const HEADER = 12;
const FLAG_QR = 0x8000;
const FLAG_AA = 0x0400;
const FLAG_TC = 0x0200;
const FLAG_RD = 0x0100;
const FLAG_RA = 0x0080;

/** What is asked for: a normalised name and the type of its records. */
export interface Question {
  readonly name: string;
  readonly type: number;
}

/** Makes a query, recursion desired. With `edns` it carries an OPT record (RFC 6891). */
export function encodeQuery(id: number, question: Question, edns: boolean): Uint8Array {
  const size = HEADER + wireLength(question.name) + 4 + (edns ? 11 : 0);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, id);
  view.setUint16(2, FLAG_RD);
  view.setUint16(4, 1);
  let at = writeName(question.name, bytes, HEADER);
  view.setUint16(at, question.type);
  view.setUint16(at + 2, CLASS_IN);
  if (edns) {
    view.setUint16(10, 1);
    at += 4;
    view.setUint16(at + 1, TYPE_OPT);
    view.setUint16(at + 3, UDP_PAYLOAD);
  }
  return bytes;
}

/** A record of a type that matters here: its owner in lower case, and its TTL in seconds. */
export type DnsRecord = { readonly name: string; readonly ttl: number } & RecordData;

/** A response that answers a {@link Question}. */
export interface DnsResponse {
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly recursionAvailable: boolean;
  /** The rest did not fit; there are no records in it then. */
  readonly truncated: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  /** The records of the answer and of the additional section, of all types but OPT. */
  readonly counts: { readonly answers: number; readonly additionals: number };
}

/**
 * Reads a message as the response to a query. It never throws, whatever the bytes.
 *
 * @returns `undefined` where it is not a response to this very query: another id, another question, a query, garbage.
 *   Some servers answer errors without repeating the question, which is taken as well.
 */
export function decodeResponse(bytes: Uint8Array, id: number, question: Question): DnsResponse | undefined {
  if (bytes.length < HEADER) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0) !== id) return undefined;
  const flags = view.getUint16(2);
  if ((flags & FLAG_QR) === 0 || (flags & 0x7800) !== 0) return undefined;
  let rcode = flags & 0xf;
  const questions = view.getUint16(4);
  const head = {
    authoritative: (flags & FLAG_AA) !== 0,
    recursionAvailable: (flags & FLAG_RA) !== 0,
    truncated: (flags & FLAG_TC) !== 0,
  };
  const nothing = { answers: [], authorities: [], counts: { answers: 0, additionals: 0 } };
  if (questions === 0 && rcode !== NOERROR && rcode !== NXDOMAIN) return { rcode, ...head, ...nothing };
  if (questions !== 1) return undefined;
  const asked = readName(bytes, HEADER);
  if (asked === undefined || asked.end + 4 > bytes.length) return undefined;
  if (asked.name !== question.name) return undefined;
  if (view.getUint16(asked.end) !== question.type || view.getUint16(asked.end + 2) !== CLASS_IN) return undefined;
  // A truncated message may end in the middle of a record, and none of them can be relied on (RFC 2181 section 9).
  if (head.truncated) return { rcode, ...head, ...nothing };
  const answers: DnsRecord[] = [];
  const authorities: DnsRecord[] = [];
  let at: number | undefined = asked.end + 4;
  at = readRecords(bytes, view, at, view.getUint16(6), answers);
  if (at !== undefined) at = readRecords(bytes, view, at, view.getUint16(8), authorities);
  if (at === undefined) return undefined;
  const opt = findOpt(bytes, view, at, view.getUint16(10));
  if (opt !== undefined) rcode |= (opt >>> 24) << 4;
  const counts = { answers: view.getUint16(6), additionals: view.getUint16(10) - (opt === undefined ? 0 : 1) };
  return { rcode, ...head, answers, authorities, counts };
}

/** Reads `count` records into `records`; returns the offset behind them, `undefined` where they are malformed. */
function readRecords(
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  count: number,
  records: DnsRecord[],
): number | undefined {
  let at = offset;
  for (let index = 0; index < count; index += 1) {
    const owner = readName(bytes, at);
    if (owner === undefined || owner.end + 10 > bytes.length) return undefined;
    const type = view.getUint16(owner.end);
    const recordClass = view.getUint16(owner.end + 2);
    const ttl = readTtl(view, owner.end + 4);
    const data = owner.end + 10;
    const end = data + view.getUint16(owner.end + 8);
    if (end > bytes.length) return undefined;
    at = end;
    if (recordClass !== CLASS_IN) continue;
    const read = readRecordData(type, bytes, view, data, end);
    if (read === undefined) return undefined;
    if (read !== 'unknown') records.push({ name: owner.name, ttl, ...read });
  }
  return at;
}

/** In seconds. A TTL with the highest bit set counts as 0 (RFC 2181 section 8). */
function readTtl(view: DataView, offset: number): number {
  const ttl = view.getUint32(offset);
  return ttl > 0x7fffffff ? 0 : ttl;
}

/** The TTL field of the OPT record, whose highest byte extends the response code; `undefined` without such a record. */
function findOpt(bytes: Uint8Array, view: DataView, offset: number, count: number): number | undefined {
  let at = offset;
  for (let index = 0; index < count; index += 1) {
    const owner = readName(bytes, at);
    // Nothing else in this section is used, so its faults do no harm.
    if (owner === undefined || owner.end + 10 > bytes.length) return undefined;
    if (owner.name === '' && view.getUint16(owner.end) === TYPE_OPT) return view.getUint32(owner.end + 4);
    at = owner.end + 10 + view.getUint16(owner.end + 8);
  }
  return undefined;
}
