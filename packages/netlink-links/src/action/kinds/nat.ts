import { InvalidOptionError } from 'netns-core';
import { mustBe, propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { formatIpv4, type IpNetwork, parseIpAddress, parseIpNetwork } from '../../message/ip-address.js';
import { TC_GEN_SIZE, TCA_NAT_FLAG_EGRESS, TCA_NAT_PAD, TCA_NAT_PARMS, TCA_NAT_TM } from '../../uapi/tc-act.js';
import { type ActionKind, structuredKind } from './kind.js';

/**
 * Replaces IPv4 addresses without keeping track of connections; tc-nat(8). Checksums of the IP, TCP, UDP and ICMP headers are
 * corrected. Its control is `'pass'` if it is left out.
 */
export interface NatAttributes {
  /** `'ingress'` replaces the destination, `'egress'` the source. */
  readonly direction: 'ingress' | 'egress';
  /** The addresses that are replaced: one, or a network, `'192.0.2.0/24'`. */
  readonly from: string;
  /** What they become. Of a network only the bits of the prefix are replaced. */
  readonly to: string;
}

// Offsets in `struct tc_nat`, behind `tc_gen`.
const NEW_OFFSET = 4;
const MASK_OFFSET = 8;
const FLAGS_OFFSET = 12;
const NAT_SIZE = TC_GEN_SIZE + 16;
const ALL_BITS = 0xffffffff;

const maskOf = (prefixLength: number): number => (prefixLength === 0 ? 0 : (ALL_BITS << (32 - prefixLength)) >>> 0);

function ipv4(property: string, text: unknown): IpNetwork {
  const network = parseIpNetwork(text as string, property);
  if (network.family !== 'ipv4') throw mustBe(property, 'an IPv4 address or network', text);
  return network;
}

/** An IPv4 network, and one whose mask is not a prefix: `'192.0.2.0/255.0.255.0'`. */
function parseMasked(property: string, text: unknown): { readonly bytes: Uint8Array; readonly mask: number } {
  const [address = '', mask] = typeof text === 'string' ? text.split('/') : [];
  if (mask?.includes('.') !== true) {
    const { bytes, prefixLength } = ipv4(property, text);
    return { bytes, mask: maskOf(prefixLength) };
  }
  const bits = parseIpAddress(mask, property);
  if (bits.length !== 4) throw mustBe(property, 'an IPv4 address or network', text);
  return { bytes: ipv4(property, address).bytes, mask: new DataView(bits.buffer).getUint32(0, false) };
}

function formatMasked(address: string, mask: number, maskText: string): string {
  if (mask === ALL_BITS) return address;
  const prefixLength = Math.clz32(~mask);
  return maskOf(prefixLength) === mask ? `${address}/${prefixLength}` : `${address}/${maskText}`;
}

export const nat: ActionKind<NatAttributes> = structuredKind<NatAttributes>({
  kernelName: 'nat',
  parms: TCA_NAT_PARMS,
  size: NAT_SIZE,
  tm: TCA_NAT_TM,
  pad: TCA_NAT_PAD,
  properties: propertiesOf<NatAttributes>({ direction: 'set', from: 'set', to: 'set' }, { old: 'from', new: 'to' }),
  defaultControl: 'pass',
  check({ direction, from, to }) {
    if (direction !== 'ingress' && direction !== 'egress')
      throw mustBe('direction', "'ingress' or 'egress'", direction);
    if (from === undefined || to === undefined)
      throw new InvalidOptionError(
        from === undefined ? 'from' : 'to',
        'nat needs `from` and `to`: the addresses that are replaced, and what they become',
      );
    parseMasked('from', from);
    if (ipv4('to', to).prefixLength !== 32) throw mustBe('to', 'an address: its prefix is that of `from`', to);
  },
  fill(view, at, { direction, from, to }) {
    const { bytes, mask } = parseMasked('from', from);
    new Uint8Array(view.buffer).set(bytes, at);
    new Uint8Array(view.buffer).set(ipv4('to', to).bytes, at + NEW_OFFSET);
    view.setUint32(at + MASK_OFFSET, mask, false);
    view.setUint32(at + FLAGS_OFFSET, direction === 'egress' ? TCA_NAT_FLAG_EGRESS : 0, LITTLE_ENDIAN);
  },
  take(parms, action) {
    if (parms.length < NAT_SIZE) {
      // It is noted as an error.
      parms.u32At(NAT_SIZE - 4);
      return;
    }
    const at = parms.start + TC_GEN_SIZE;
    const text = (offset: number): string => formatIpv4(parms.bytes.u8, at + offset);
    const flags = parms.u32At(TC_GEN_SIZE + FLAGS_OFFSET);
    action.direction = (flags & TCA_NAT_FLAG_EGRESS) !== 0 ? 'egress' : 'ingress';
    action.from = formatMasked(text(0), parms.u32beAt(TC_GEN_SIZE + MASK_OFFSET), text(MASK_OFFSET));
    action.to = text(NEW_OFFSET);
  },
});
