import { LITTLE_ENDIAN } from '../message/endianness.js';
import { MessageWriter } from '../message/message-writer.js';
import { writeUnknown } from '../message/unknown-attribute.js';
import { NLMSG_HDRLEN } from '../uapi/netlink.js';
import { TCA_EGRESS_BLOCK, TCA_INGRESS_BLOCK, TCA_KIND, TCA_OPTIONS, TCMSG_SIZE } from '../uapi/pkt-sched.js';
import type { CheckedPlace, CheckedQdisc } from './check.js';
import { writeRateEstimator } from './rate-estimator.js';
import { writeSizeTable } from './size-table.js';

/** Writes `struct tcmsg`. */
export function writeQdiscHeader(message: MessageWriter, ifindex: number, handle: number, parent: number): void {
  message.header(TCMSG_SIZE, (view, at) => {
    view.setInt32(at + 4, ifindex, LITTLE_ENDIAN);
    view.setUint32(at + 8, handle, LITTLE_ENDIAN);
    view.setUint32(at + 12, parent, LITTLE_ENDIAN);
  });
}

/** Writes where a queueing discipline is, and its kind if that is known. */
export function writePlace(writer: MessageWriter, place: CheckedPlace, ifindex: number): void {
  writeQdiscHeader(writer, ifindex, place.handle, place.parent);
  if (place.kernelName !== undefined) writer.string(TCA_KIND, place.kernelName);
}

/** Writes a queueing discipline with its options. */
export function writeQdisc(writer: MessageWriter, qdisc: CheckedQdisc, ifindex: number): void {
  writePlace(writer, qdisc, ifindex);
  const { kind, spec } = qdisc;
  if (spec.rateEstimator !== undefined) writeRateEstimator(writer, spec.rateEstimator);
  // Some kinds begin their options with a structure, so they are written apart.
  const options = new MessageWriter(0, 0);
  kind.write?.(options, spec as Partial<typeof spec>);
  if (spec.unknown !== undefined) writeUnknown(options, spec.unknown);
  const content = options.finish().subarray(NLMSG_HDRLEN);
  if (content.length > 0) writer.bytes(TCA_OPTIONS, content);
  if (spec.sizeTable !== undefined) writeSizeTable(writer, spec.sizeTable);
  if (spec.ingressBlock !== undefined) writer.u32(TCA_INGRESS_BLOCK, spec.ingressBlock);
  if (spec.egressBlock !== undefined) writer.u32(TCA_EGRESS_BLOCK, spec.egressBlock);
  if (spec.unknownCommon !== undefined) writeUnknown(writer, spec.unknownCommon);
}
