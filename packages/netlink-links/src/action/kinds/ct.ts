import { InvalidOptionError } from 'netns-core';
import { checkBoolean, checkInteger } from 'netns-core/checks';
import type { AttributeReader } from '../../message/attribute-reader.js';
import { checkProperties, mustBe, propertiesOf } from '../../message/checks.js';
import type { Reading } from '../../message/fields.js';
import { parseIpAddress } from '../../message/ip-address.js';
import { formatLabel, parseMaskedLabel, withLabelMask } from '../../message/masked-label.js';
import { checkMaskedNumber, type MaskedNumber, maskedNumber, maskedParts } from '../../message/masked-number.js';
import type { MessageWriter } from '../../message/message-writer.js';
import {
  TC_GEN_SIZE,
  TCA_CT_ACT_CLEAR,
  TCA_CT_ACT_COMMIT,
  TCA_CT_ACT_FORCE,
  TCA_CT_ACT_NAT,
  TCA_CT_ACT_NAT_DST,
  TCA_CT_ACT_NAT_SRC,
  TCA_CT_ACTION,
  TCA_CT_LABELS,
  TCA_CT_LABELS_MASK,
  TCA_CT_MARK,
  TCA_CT_MARK_MASK,
  TCA_CT_NAT_IPV4_MAX,
  TCA_CT_NAT_IPV4_MIN,
  TCA_CT_NAT_IPV6_MAX,
  TCA_CT_NAT_IPV6_MIN,
  TCA_CT_NAT_PORT_MAX,
  TCA_CT_NAT_PORT_MIN,
  TCA_CT_PAD,
  TCA_CT_PARMS,
  TCA_CT_TM,
  TCA_CT_ZONE,
} from '../../uapi/tc-act.js';
import { type ActionKind, structuredKind } from './kind.js';

/** What addresses and ports of a connection become. */
export interface CtNat {
  /** Whether the source or the destination is replaced. */
  readonly type: 'src' | 'dst';
  /** An address, or the first and the last of a range. */
  readonly address?: string | readonly [string, string] | undefined;
  /** A port, or the first and the last of a range. */
  readonly port?: number | readonly [number, number] | undefined;
}

/**
 * Tracks the connection that a packet is of; tc-ct(8). Filters behind it (`ct` of flower, in another chain) see its state. Its
 * control is `'pipe'` if it is left out.
 */
export interface CtAttributes {
  /** Keeps the connection, with `mark` and `label`. */
  readonly commit?: boolean;
  /** With `commit`: begins anew where the connection was seen in the other direction first. */
  readonly force?: boolean;
  /** The packet forgets its connection; nothing else is given then. */
  readonly clear?: boolean;
  /** The zone of connection tracking; 0 if left out. */
  readonly zone?: number;
  /** The mark that the connection gets, or the bits of it. */
  readonly mark?: MaskedNumber;
  /** The label that it gets: 32 hexadecimal digits, with a mask of as many behind a slash if not all bits change. */
  readonly label?: string;
  /** With `commit` what is replaced; `true` without it: what was committed is done. */
  readonly nat?: true | CtNat;
}

const NAT = propertiesOf<CtNat>({ type: 'set', address: 'set', port: 'set' }, { addr: 'address', direction: 'type' });
const MARK_BITS = 32;
const pair = <V>(value: V | readonly [V, V]): readonly [V, V] =>
  Array.isArray(value) ? (value as unknown as readonly [V, V]) : [value as V, value as V];
const single = <V>([first, last]: readonly [V, V]): V | readonly [V, V] => (first === last ? first : [first, last]);

function checkNat(nat: unknown, commit: boolean): void {
  if (nat === true) {
    if (commit) throw mustBe('nat', '{ type, address, port } beside `commit`', nat);
    return;
  }
  checkProperties(nat, 'nat', NAT);
  const { type, address, port } = nat as CtNat;
  if (!commit)
    throw new InvalidOptionError('nat', 'nat that replaces something needs `commit`; without it it is `true`');
  if (type !== 'src' && type !== 'dst') throw mustBe('nat.type', "'src' or 'dst'", type);
  for (const [name, value] of Object.entries({ address, port }))
    if (Array.isArray(value) && value.length !== 2) throw mustBe(`nat.${name}`, 'one, or [first, last]', value);
  if (address !== undefined) {
    const [first, last] = pair<string>(address).map((each) => parseIpAddress(each, 'nat.address').length);
    if (first !== last) throw mustBe('nat.address', 'a range of one family', address);
  }
  for (const each of port === undefined ? [] : pair<number>(port)) checkInteger('nat.port', each, 1, 0xffff);
}

function actionBits({ commit, force, clear, nat }: Partial<CtAttributes>): number {
  const type = typeof nat === 'object' ? nat.type : undefined;
  return (
    (commit === true ? TCA_CT_ACT_COMMIT : 0) |
    (force === true ? TCA_CT_ACT_FORCE : 0) |
    (clear === true ? TCA_CT_ACT_CLEAR : 0) |
    (nat === undefined ? 0 : TCA_CT_ACT_NAT) |
    (type === 'src' ? TCA_CT_ACT_NAT_SRC : 0) |
    (type === 'dst' ? TCA_CT_ACT_NAT_DST : 0)
  );
}

function writeNat(writer: MessageWriter, { address, port }: CtNat): void {
  if (address !== undefined) {
    const [first, last] = pair<string>(address);
    const isIpv6 = first.includes(':');
    writer.bytes(isIpv6 ? TCA_CT_NAT_IPV6_MIN : TCA_CT_NAT_IPV4_MIN, parseIpAddress(first));
    writer.bytes(isIpv6 ? TCA_CT_NAT_IPV6_MAX : TCA_CT_NAT_IPV4_MAX, parseIpAddress(last));
  }
  if (port === undefined) return;
  const [first, last] = pair<number>(port);
  writer.u16be(TCA_CT_NAT_PORT_MIN, first).u16be(TCA_CT_NAT_PORT_MAX, last);
}

/** Reads an attribute of what is replaced; the flags may come before it or behind it. */
function takeNat(attribute: AttributeReader, action: Reading<CtAttributes>): boolean {
  const nat: CtNat = typeof action.nat === 'object' ? action.nat : { type: 'src' };
  switch (attribute.type) {
    case TCA_CT_NAT_IPV4_MIN:
    case TCA_CT_NAT_IPV6_MIN:
      action.nat = { ...nat, address: attribute.ipAddress() };
      return true;
    case TCA_CT_NAT_IPV4_MAX:
    case TCA_CT_NAT_IPV6_MAX:
      action.nat = { ...nat, address: single([pair(nat.address ?? '')[0], attribute.ipAddress()]) };
      return true;
    case TCA_CT_NAT_PORT_MIN:
      action.nat = { ...nat, port: attribute.u16be() };
      return true;
    case TCA_CT_NAT_PORT_MAX:
      action.nat = { ...nat, port: single([pair(nat.port ?? 0)[0], attribute.u16be()]) };
      return true;
    default:
      return false;
  }
}

export const ct: ActionKind<CtAttributes> = structuredKind<CtAttributes>({
  kernelName: 'ct',
  parms: TCA_CT_PARMS,
  size: TC_GEN_SIZE,
  tm: TCA_CT_TM,
  pad: TCA_CT_PAD,
  parmsLast: true,
  properties: propertiesOf<CtAttributes>({
    commit: 'set',
    force: 'set',
    clear: 'set',
    zone: 'set',
    mark: 'set',
    label: 'set',
    nat: 'set',
  }),
  defaultControl: 'pipe',
  check(action) {
    const { commit, force, clear, zone, mark, label, nat } = action;
    for (const name of ['commit', 'force', 'clear'] as const) checkBoolean(name, action[name]);
    checkInteger('zone', zone, 0, 0xffff);
    checkMaskedNumber('mark', mark, MARK_BITS);
    if (label !== undefined) parseMaskedLabel('label', label);
    if (nat !== undefined) checkNat(nat, commit === true);
    if (clear === true)
      for (const [name, value] of Object.entries({ commit, force, zone, mark, label, nat }))
        if (value !== undefined && value !== false)
          throw new InvalidOptionError(name, `${name} and clear exclude each other: the packet forgets its connection`);
    if (commit !== true)
      for (const [name, value] of Object.entries({ force, mark, label }))
        if (value !== undefined && value !== false)
          throw new InvalidOptionError(name, `${name} needs \`commit\`, which keeps the connection`);
  },
  more(writer, action) {
    const { zone, mark, label, nat } = action;
    if (zone !== undefined) writer.u16(TCA_CT_ZONE, zone);
    if (mark !== undefined) {
      const { value, mask } = maskedParts(mark, MARK_BITS);
      writer.u32(TCA_CT_MARK, value).u32(TCA_CT_MARK_MASK, mask);
    }
    if (label !== undefined) {
      const { value, mask } = parseMaskedLabel('label', label);
      writer.bytes(TCA_CT_LABELS, value).bytes(TCA_CT_LABELS_MASK, mask);
    }
    if (typeof nat === 'object') writeNat(writer, nat);
    writer.u16(TCA_CT_ACTION, actionBits(action));
  },
  takeMore(attribute, action) {
    switch (attribute.type) {
      case TCA_CT_ACTION: {
        const bits = attribute.u16();
        if ((bits & TCA_CT_ACT_COMMIT) !== 0) action.commit = true;
        if ((bits & TCA_CT_ACT_FORCE) !== 0) action.force = true;
        if ((bits & TCA_CT_ACT_CLEAR) !== 0) action.clear = true;
        if ((bits & (TCA_CT_ACT_NAT_SRC | TCA_CT_ACT_NAT_DST)) !== 0)
          action.nat = {
            ...(typeof action.nat === 'object' && action.nat),
            type: (bits & TCA_CT_ACT_NAT_SRC) !== 0 ? 'src' : 'dst',
          };
        else if ((bits & TCA_CT_ACT_NAT) !== 0) action.nat = true;
        return true;
      }
      case TCA_CT_ZONE:
        action.zone = attribute.u16();
        return true;
      case TCA_CT_MARK:
        action.mark = attribute.u32();
        return true;
      case TCA_CT_MARK_MASK:
        if (typeof action.mark === 'number') action.mark = maskedNumber(action.mark, attribute.u32(), MARK_BITS);
        return true;
      case TCA_CT_LABELS:
        action.label = formatLabel(attribute.copy());
        return true;
      case TCA_CT_LABELS_MASK:
        action.label = withLabelMask(action.label, attribute.copy());
        return true;
      default:
        return takeNat(attribute, action);
    }
  },
});
