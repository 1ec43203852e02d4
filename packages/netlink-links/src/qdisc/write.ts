import { LITTLE_ENDIAN } from '../message/endianness.js';
import type { MessageWriter } from '../message/message-writer.js';
import { type WithUnknown, writeUnknown } from '../message/unknown-attribute.js';
import { TCA_EGRESS_BLOCK, TCA_INGRESS_BLOCK, TCA_KIND, TCA_OPTIONS, TCMSG_SIZE } from '../uapi/pkt-sched.js';
import type { CheckedPlace, CheckedQdisc } from './check.js';
import type { QdiscKind } from './kinds/kind.js';
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

/** Writes `TCA_OPTIONS`: what a kind has of its own. */
export function writeOptions<A extends WithUnknown>(writer: MessageWriter, kind: QdiscKind<A>, spec: A): void {
  const fill = (options: MessageWriter): void => {
    kind.write?.(options, spec);
    if (spec.unknown !== undefined) writeUnknown(options, spec.unknown);
  };
  writer.nest(TCA_OPTIONS, fill, kind.marked, false);
}

/** Writes a queueing discipline with its options. */
export function writeQdisc(writer: MessageWriter, qdisc: CheckedQdisc, ifindex: number): void {
  writePlace(writer, qdisc, ifindex);
  const { kind, spec } = qdisc;
  if (spec.rateEstimator !== undefined) writeRateEstimator(writer, spec.rateEstimator);
  writeOptions(writer, kind, spec);
  if (spec.sizeTable !== undefined) writeSizeTable(writer, spec.sizeTable);
  if (spec.ingressBlock !== undefined) writer.u32(TCA_INGRESS_BLOCK, spec.ingressBlock);
  if (spec.egressBlock !== undefined) writer.u32(TCA_EGRESS_BLOCK, spec.egressBlock);
  if (spec.unknownCommon !== undefined) writeUnknown(writer, spec.unknownCommon);
}
