import { InvalidOptionError } from 'netns-core';
import { checkArray, mustBe, propertiesOf } from '../message/checks.js';
import { type Field, u8 } from '../message/fields.js';
import { keepUnknown, type WithUnknown } from '../message/unknown-attribute.js';
import {
  MPLS_IPTUNNEL_DST,
  MPLS_IPTUNNEL_TTL,
  MPLS_LABEL_IMPLNULL,
  MPLS_LS_LABEL_SHIFT,
  MPLS_LS_S_MASK,
} from '../uapi/mpls.js';
import { type EncapKind, encapOfFields } from './kind.js';

/** Labels that are put before a packet (RFC 3032); module mpls_iptunnel. */
export interface MplsEncap {
  readonly type: 'mpls';
  /** The outermost first: 1 to 30 of 0 to 1048575, without 3. */
  readonly labels: readonly number[];
  /** Of the labels; that of the packet if left out. */
  readonly ttl?: number | undefined;
}

const MAX_LABELS = 30;
/** A label has 20 bits. */
export const MAX_LABEL = 0xfffff;

/** @throws InvalidOptionError for what cannot be put before a packet */
export function checkLabels(property: string, labels: unknown): void {
  checkArray(property, labels, 'labels');
  if (!Array.isArray(labels) || labels.length === 0 || labels.length > MAX_LABELS)
    throw mustBe(property, `an array of 1 to ${MAX_LABELS} labels`, labels);
  for (const label of labels) {
    if (!Number.isInteger(label) || label < 0 || label > MAX_LABEL)
      throw mustBe(property, `an array of integers from 0 to ${MAX_LABEL}`, labels);
    if (label === MPLS_LABEL_IMPLNULL)
      throw new InvalidOptionError(
        property,
        `${property} cannot have the label 3 (implicit null), which is never sent`,
      );
  }
}

/** A stack of labels; `undefined` for one with traffic classes or times to live in it. */
export const labelStack = (attribute: number): Field<readonly number[]> => ({
  attribute,
  read(data) {
    const labels: number[] = [];
    for (let at = 0; at + 4 <= data.length; at += 4) {
      const entry = data.u32beAt(at);
      const bottom = at + 4 === data.length ? MPLS_LS_S_MASK : 0;
      if ((entry & 0xfff) !== bottom) return undefined;
      labels.push(entry >>> MPLS_LS_LABEL_SHIFT);
    }
    return labels;
  },
  check: checkLabels,
  write: (writer, type, labels) =>
    void writer.struct(type, labels.length * 4, (view, at) => {
      labels.forEach((label, index) => {
        const bottom = index === labels.length - 1 ? MPLS_LS_S_MASK : 0;
        view.setUint32(at + index * 4, (label << MPLS_LS_LABEL_SHIFT) | bottom, false);
      });
    }),
});

const LABELS = labelStack(MPLS_IPTUNNEL_DST);

/** `<linux/mpls_iptunnel.h>` */
export const mpls: EncapKind = encapOfFields<Omit<MplsEncap, 'type'> & WithUnknown>(
  propertiesOf<MplsEncap>({ type: 'set', labels: 'set', ttl: 'set' }, { label: 'labels' }),
  { ttl: u8(MPLS_IPTUNNEL_TTL) },
  {
    spreads: [
      {
        properties: ['labels'],
        attributes: [MPLS_IPTUNNEL_DST],
        read(data, into) {
          const labels = LABELS.read(data);
          if (labels === undefined) keepUnknown(data, into);
          else into.labels = labels;
        },
        check() {},
        write(writer, { labels = [] }) {
          LABELS.write?.(writer, MPLS_IPTUNNEL_DST, labels);
        },
      },
    ],
    also: ({ labels }, property) => checkLabels(`${property}.labels`, labels),
  },
);
