import { isIPv4 } from 'node:net';

/** Types of records, RFC 1035 and 3596. */
export const TYPE_A = 1;
export const TYPE_CNAME = 5;
export const TYPE_PTR = 12;
export const TYPE_AAAA = 28;
const TYPE_ANY = 255;
const CLASS_IN = 1;

/** Response codes, RFC 1035. */
export const NOERROR = 0;
const FORMERR = 1;
export const NXDOMAIN = 3;
const NOTIMP = 4;

const HEADER = 12;
const FLAG_QR = 0x8000;
const FLAG_AA = 0x0400;
const FLAG_TC = 0x0200;
const FLAG_RD = 0x0100;
const FLAG_RA = 0x0080;
const OPCODE_MASK = 0x7800;
/** Without EDNS, RFC 1035 section 4.2.1. */
export const MAX_UDP_BYTES = 512;
/** Nothing in a lab is worth remembering. */
const TTL_SECONDS = 0;

/** A record that a server has. `data` is an address, or another name. */
export interface DnsRecord {
  readonly name: string;
  readonly type: number;
  readonly data: string;
}

/** What a server knows about a question. */
export interface DnsAnswer {
  readonly rcode: number;
  readonly records: readonly DnsRecord[];
}

/**
 * Answers a query.
 *
 * @param lookUp what is known of a name, in small letters and without the final dot
 * @param maxBytes more makes the response a truncated one
 * @returns `undefined` for what is not a query, which nothing is sent for
 */
export function respond(
  query: Buffer,
  lookUp: (name: string, type: number) => DnsAnswer,
  maxBytes: number,
): Buffer | undefined {
  if (query.length < HEADER) return undefined;
  const flags = query.readUInt16BE(2);
  if ((flags & FLAG_QR) !== 0) return undefined;
  if ((flags & OPCODE_MASK) !== 0) return response(query, Buffer.alloc(0), NOTIMP, []);
  const asked = query.readUInt16BE(4) === 1 ? readQuestion(query) : undefined;
  if (asked === undefined) return response(query, Buffer.alloc(0), FORMERR, []);
  const question = query.subarray(HEADER, asked.end);
  if (asked.recordClass !== CLASS_IN || asked.type === TYPE_ANY) return response(query, question, NOTIMP, []);
  const { rcode, records } = lookUp(asked.name, asked.type);
  const whole = response(query, question, rcode, records.map(encodeRecord));
  if (whole.length <= maxBytes) return whole;
  const cut = response(query, question, rcode, []);
  cut.writeUInt16BE(cut.readUInt16BE(2) | FLAG_TC, 2);
  return cut;
}

function response(query: Buffer, question: Buffer, rcode: number, records: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt16BE(query.readUInt16BE(0), 0);
  const asked = query.readUInt16BE(2) & (OPCODE_MASK | FLAG_RD);
  header.writeUInt16BE(FLAG_QR | FLAG_AA | FLAG_RA | asked | rcode, 2);
  header.writeUInt16BE(question.length === 0 ? 0 : 1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, question, ...records]);
}

interface Question {
  readonly name: string;
  readonly type: number;
  readonly recordClass: number;
  readonly end: number;
}

/** The question, which a query has uncompressed; `undefined` if it is damaged. */
function readQuestion(query: Buffer): Question | undefined {
  const labels: string[] = [];
  let at = HEADER;
  for (;;) {
    if (at >= query.length) return undefined;
    const length = query.readUInt8(at);
    at += 1;
    if (length === 0) break;
    if (length > 63 || at + length > query.length) return undefined;
    labels.push(query.toString('latin1', at, at + length).toLowerCase());
    at += length;
  }
  if (at + 4 > query.length) return undefined;
  return { name: labels.join('.'), type: query.readUInt16BE(at), recordClass: query.readUInt16BE(at + 2), end: at + 4 };
}

function encodeRecord({ name, type, data }: DnsRecord): Buffer {
  const value = type === TYPE_A || type === TYPE_AAAA ? addressBytes(data) : encodeName(data);
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(CLASS_IN, 2);
  head.writeUInt32BE(TTL_SECONDS, 4);
  head.writeUInt16BE(value.length, 8);
  return Buffer.concat([encodeName(name), head, value]);
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]),
    Buffer.from([0]),
  ]);
}

/** The bytes of an address. */
export function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groupsOf = (text: string): number[] =>
    text === ''
      ? []
      : text.split(':').flatMap((group) => {
          if (!group.includes('.')) return [Number.parseInt(group, 16)];
          const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
          return [a * 256 + b, c * 256 + d];
        });
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')];
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => 0);
  const bytes = Buffer.alloc(16);
  for (const [index, group] of [...before, ...zeros, ...after].entries()) bytes.writeUInt16BE(group, index * 2);
  return bytes;
}
