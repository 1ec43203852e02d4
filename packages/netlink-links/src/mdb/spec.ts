import type { UnknownAttribute } from '../message/unknown-attribute.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { MdbEntry } from './mdb-entry.js';

/** A group to be made, changed or removed; one that was read will do. */
export interface MdbSpec {
  /** The bridge or VXLAN: by any reference, or as `ifindex` by its index. */
  bridge?: LinkReference | undefined;
  ifindex?: number | undefined;
  /** The port: by any reference, or as `portIndex` by its index; the bridge or VXLAN itself if left out. */
  port?: LinkReference | undefined;
  portIndex?: number | undefined;
  /** A multicast address: of IPv4, of IPv6, or of the link layer. */
  group: string;
  /** The only sender that it is for. */
  source?: string | undefined;
  /** 1 to 4094. */
  vid?: number | undefined;
  /** `'temporary'` if left out. */
  state?: MdbEntry['state'] | undefined;
  /** Linux 6.3 and later. Of a group with a `source` it is told, and is ignored. */
  filterMode?: MdbEntry['filterMode'] | undefined;
  /** Needs `filterMode`. */
  sources?: readonly string[] | undefined;
  /** Linux 6.3 and later. */
  protocol?: MdbEntry['protocol'] | undefined;
  dst?: string | undefined;
  dstPort?: number | undefined;
  vni?: number | undefined;
  sourceVni?: number | undefined;
  viaIndex?: number | undefined;
  unknown?: readonly UnknownAttribute[] | undefined;
}
