import type { AttributeReader } from '../../message/attribute-reader.js';
import type { KnownProperties } from '../../message/checks.js';
import type { Reading } from '../../message/fields.js';
import { keepUnknown } from '../../message/unknown-attribute.js';
import type { QdiscKind } from './kind.js';

/** A kind whose options are one attribute, which holds a structure. */
export interface QdiscOfStructure<A extends object> {
  readonly kernelName: string;
  readonly attribute: number;
  /** Of the structure, in bytes. */
  readonly size: number;
  readonly properties: KnownProperties;
  check(qdisc: Partial<A>): void;
  fill(view: DataView, at: number, qdisc: Partial<A>): void;
  take(structure: AttributeReader, qdisc: Reading<A>): void;
}

/** Makes such a kind. */
export function qdiscOfStructure<A extends object>({
  kernelName,
  attribute,
  size,
  properties,
  check,
  fill,
  take,
}: QdiscOfStructure<A>): QdiscKind<A> {
  return {
    kernelName,
    properties,
    holdsAttributes: true,
    check,
    write: (writer, qdisc) => void writer.struct(attribute, size, (view, at) => fill(view, at, qdisc)),
    read(options, qdisc) {
      const attributes = options.nested();
      while (attributes.next())
        if (attributes.type === attribute) take(attributes, qdisc);
        else keepUnknown(attributes, qdisc);
    },
  };
}
