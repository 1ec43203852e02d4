import { checkBytes, mustBe } from '../../message/checks.js';
import type { LinkKind } from './kind.js';

/** `MODULE_NAME_LEN` of the kernel without the NUL: it takes no longer names of kinds. */
export const MAX_KIND_LENGTH = 55;

/** A link of a kind that this package does not know: its data as they are. */
export interface GenericAttributes {
  /** The name of the kind, `IFLA_INFO_KIND`. */
  readonly kind: string;
  /** What `IFLA_INFO_DATA` holds: netlink attributes, as bytes. */
  readonly data?: Uint8Array;
}

/** Its kernel name is the link's `kind`. */
export const generic: LinkKind<GenericAttributes> = {
  kernelName: '',
  properties: ['kind', 'data'],
  hasParent: true,
  check({ kind, data }) {
    if (typeof kind !== 'string' || kind === '' || kind.includes('\0') || Buffer.byteLength(kind) > MAX_KIND_LENGTH)
      throw mustBe('kind', `the name of the link's kind, a string of 1 to ${MAX_KIND_LENGTH} bytes`, kind);
    checkBytes('data', data);
    if (data !== undefined && (data.length & 3) !== 0)
      throw mustBe('data', 'netlink attributes, a multiple of 4 bytes', data);
  },
  write(writer, { data }) {
    if (data !== undefined) writer.raw(data);
  },
  read(data, link) {
    if (data !== undefined) link.data = data.rest();
  },
};
