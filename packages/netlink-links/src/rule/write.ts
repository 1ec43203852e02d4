import { LITTLE_ENDIAN } from '../message/endianness.js';
import { familyNumber } from '../message/ip-address.js';
import type { MessageWriter } from '../message/message-writer.js';
import { writeUnknown } from '../message/unknown-attribute.js';
import { tableInHeader } from '../route/write.js';
import {
  FIB_RULE_HDR_SIZE,
  FRA_DPORT_RANGE,
  FRA_DST,
  FRA_FLOW,
  FRA_FWMARK,
  FRA_FWMASK,
  FRA_GOTO,
  FRA_IIFNAME,
  FRA_IP_PROTO,
  FRA_L3MDEV,
  FRA_OIFNAME,
  FRA_PRIORITY,
  FRA_PROTOCOL,
  FRA_SPORT_RANGE,
  FRA_SRC,
  FRA_SUPPRESS_IFGROUP,
  FRA_SUPPRESS_PREFIXLEN,
  FRA_TABLE,
  FRA_TUN_ID,
  FRA_UID_RANGE,
} from '../uapi/fib-rules.js';
import type { CheckedRule } from './check.js';

/** Writes `struct fib_rule_hdr` and the attributes of a rule. */
export function writeRule(message: MessageWriter, rule: CheckedRule): void {
  const { spec, family, src, dst, action, table, protocol, flags } = rule;
  message.header(FIB_RULE_HDR_SIZE, (view, at) => {
    view.setUint8(at, familyNumber(family));
    view.setUint8(at + 1, dst?.prefixLength ?? 0);
    view.setUint8(at + 2, src?.prefixLength ?? 0);
    view.setUint8(at + 3, spec.tos ?? 0);
    view.setUint8(at + 4, tableInHeader(table));
    view.setUint8(at + 7, action);
    view.setUint32(at + 8, flags, LITTLE_ENDIAN);
  });
  // A prefix of length 0 is the same as none, and the kernel keeps none.
  if (dst !== undefined && dst.prefixLength > 0) message.bytes(FRA_DST, dst.bytes);
  if (src !== undefined && src.prefixLength > 0) message.bytes(FRA_SRC, src.bytes);
  if (spec.priority !== undefined) message.u32(FRA_PRIORITY, spec.priority);
  if (spec.fwmark !== undefined) message.u32(FRA_FWMARK, spec.fwmark);
  if (spec.fwmask !== undefined) message.u32(FRA_FWMASK, spec.fwmask);
  if (spec.flow !== undefined) message.u32(FRA_FLOW, spec.flow);
  if (spec.tunnelId !== undefined) message.u64be(FRA_TUN_ID, spec.tunnelId);
  const { uidRange, sourcePorts, destinationPorts } = spec;
  if (uidRange !== undefined)
    message.struct(FRA_UID_RANGE, 8, (view, at) => {
      view.setUint32(at, uidRange[0], LITTLE_ENDIAN);
      view.setUint32(at + 4, uidRange[1], LITTLE_ENDIAN);
    });
  if (table >= 256) message.u32(FRA_TABLE, table);
  if (spec.suppressPrefixLength !== undefined) message.u32(FRA_SUPPRESS_PREFIXLEN, spec.suppressPrefixLength);
  if (spec.suppressInterfaceGroup !== undefined) message.u32(FRA_SUPPRESS_IFGROUP, spec.suppressInterfaceGroup);
  if (spec.iif !== undefined) message.string(FRA_IIFNAME, spec.iif);
  if (spec.oif !== undefined) message.string(FRA_OIFNAME, spec.oif);
  if (spec.l3mdev === true) message.u8(FRA_L3MDEV, 1);
  if (protocol !== undefined) message.u8(FRA_PROTOCOL, protocol);
  if (spec.ipProtocol !== undefined) message.u8(FRA_IP_PROTO, spec.ipProtocol);
  for (const [type, ports] of [
    [FRA_SPORT_RANGE, sourcePorts],
    [FRA_DPORT_RANGE, destinationPorts],
  ] as const)
    if (ports !== undefined)
      message.struct(type, 4, (view, at) => {
        view.setUint16(at, ports[0], LITTLE_ENDIAN);
        view.setUint16(at + 2, ports[1], LITTLE_ENDIAN);
      });
  if (spec.goto !== undefined) message.u32(FRA_GOTO, spec.goto);
  if (spec.unknown !== undefined) writeUnknown(message, spec.unknown);
}
