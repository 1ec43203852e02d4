import type { LinkKind } from './kind.js';

/** A link of a kind that this package does not know: its data as they are. */
export interface GenericAttributes {
  /** The name of the kind, `IFLA_INFO_KIND`. */
  kind: string;
  /** What `IFLA_INFO_DATA` holds: netlink attributes, as bytes. */
  data?: Uint8Array;
}

/** Its kernel name is the link's `kind`. */
export const generic: LinkKind<GenericAttributes> = {
  kernelName: '',
  properties: ['kind', 'data'],
  hasParent: true,
  encode(writer, { data }) {
    if (data !== undefined) writer.raw(data);
  },
  decode(data, link) {
    if (data !== undefined) link.data = data.rest();
  },
};
