import { checkInteger } from 'netns-core/checks';
import { checkArray, mustBe } from '../message/checks.js';
import { formatIpv6Bytes, parseIpAddress } from '../message/ip-address.js';
import { SR6_FLAG1_HMAC, SR6_TLV_HMAC, SR6_TLV_HMAC_SIZE, SRH_SIZE, SRH_TYPE } from '../uapi/seg6.js';

/** What a segment routing header says (RFC 8754). */
export interface Segments {
  readonly segments: readonly string[];
  readonly hmac?: number | undefined;
}

const SEGMENT_SIZE = 16;
/** As many as the header's length, a byte of units of eight bytes, has room for besides an empty one and a signature. */
const MAX_SEGMENTS = 124;

/** @throws InvalidOptionError */
export function checkSegments(property: string, segments: unknown, hmac?: unknown): void {
  checkArray(`${property}.segments`, segments, 'IPv6 addresses');
  if (!Array.isArray(segments) || segments.length === 0 || segments.length > MAX_SEGMENTS)
    throw mustBe(`${property}.segments`, `an array of 1 to ${MAX_SEGMENTS} IPv6 addresses`, segments);
  for (const [index, segment] of segments.entries())
    if (parseIpAddress(segment, `${property}.segments[${index}]`).length !== SEGMENT_SIZE)
      throw mustBe(`${property}.segments[${index}]`, 'an IPv6 address', segment);
  checkInteger(`${property}.hmac`, hmac as number, 1, 0xffffffff);
}

/**
 * `struct ipv6_sr_hdr`, whose segments stand in reverse order.
 *
 * @param inline whether the header goes into the packet: its last segment is then the packet's destination, for which
 * the header has an empty place
 */
export function segmentHeader({ segments, hmac }: Segments, inline: boolean): Uint8Array {
  const count = segments.length + (inline ? 1 : 0);
  const bytes = new Uint8Array(SRH_SIZE + count * SEGMENT_SIZE + (hmac === undefined ? 0 : SR6_TLV_HMAC_SIZE));
  bytes[1] = (bytes.length >> 3) - 1;
  bytes[2] = SRH_TYPE;
  bytes[3] = count - 1;
  bytes[4] = count - 1;
  segments.forEach((segment, index) => {
    bytes.set(parseIpAddress(segment), SRH_SIZE + (count - 1 - index) * SEGMENT_SIZE);
  });
  if (hmac !== undefined) {
    bytes[5] = SR6_FLAG1_HMAC;
    const at = SRH_SIZE + count * SEGMENT_SIZE;
    bytes[at] = SR6_TLV_HMAC;
    bytes[at + 1] = SR6_TLV_HMAC_SIZE - 2;
    new DataView(bytes.buffer).setUint32(at + 4, hmac, false);
  }
  return bytes;
}

/** The segments of a header; `undefined` where the header says more than these. */
export function readSegmentHeader(bytes: Uint8Array, inline: boolean): Segments | undefined {
  if (bytes.length < SRH_SIZE + SEGMENT_SIZE) return undefined;
  const count = (bytes[4] ?? 0) + 1;
  const end = SRH_SIZE + count * SEGMENT_SIZE;
  if (end > bytes.length) return undefined;
  const segments = Array.from({ length: inline ? count - 1 : count }, (_, index) =>
    formatIpv6Bytes(bytes, SRH_SIZE + (count - 1 - index) * SEGMENT_SIZE),
  );
  const signed = ((bytes[5] ?? 0) & SR6_FLAG1_HMAC) !== 0 && end + SR6_TLV_HMAC_SIZE <= bytes.length;
  const hmac = signed ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(end + 4, false) : undefined;
  const read: Segments = { segments, ...(hmac !== undefined && { hmac }) };
  if (segments.length === 0) return undefined;
  // What is written of it must be what was read.
  return Buffer.compare(segmentHeader(read, inline), bytes) === 0 ? read : undefined;
}
