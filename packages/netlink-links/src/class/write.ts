import type { MessageWriter } from '../message/message-writer.js';
import { writeUnknown } from '../message/unknown-attribute.js';
import { writeRateEstimator } from '../qdisc/rate-estimator.js';
import { writeOptions, writeQdiscHeader } from '../qdisc/write.js';
import { TCA_KIND } from '../uapi/pkt-sched.js';
import type { CheckedClass, CheckedPlace } from './check.js';

/** Writes where a class is, and its kind if that is known. */
export function writeClassPlace(writer: MessageWriter, place: CheckedPlace, ifindex: number): void {
  writeQdiscHeader(writer, ifindex, place.classid, place.parent);
  if (place.kernelName !== undefined) writer.string(TCA_KIND, place.kernelName);
}

/** Writes a class with its options. */
export function writeClass(writer: MessageWriter, checked: CheckedClass, ifindex: number): void {
  const { kind, spec } = checked;
  writeClassPlace(writer, checked, ifindex);
  if (spec.rateEstimator !== undefined) writeRateEstimator(writer, spec.rateEstimator);
  writeOptions(writer, kind, spec);
  if (spec.unknownCommon !== undefined) writeUnknown(writer, spec.unknownCommon);
}
