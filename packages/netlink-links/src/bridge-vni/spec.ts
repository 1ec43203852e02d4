import type { WithUnknown } from '../message/unknown-attribute.js';
import type { LinkReference } from '../operation/link-reference.js';

/** An identifier, or a range of them, to be added to a VXLAN or removed from it; one that was read will do. */
export interface BridgeVniSpec extends WithUnknown {
  /** The VXLAN, made with `vniFilter`: by index, or (as `link`) by any reference. */
  ifindex?: number | undefined;
  link?: LinkReference | undefined;
  /** 24 bits. */
  vni: number;
  /** Last of a range that begins with `vni`. */
  vniEnd?: number | undefined;
  /** The multicast group, or the one endpoint, that unknown frames go to; that of the VXLAN if left out. */
  groupAddress?: string | undefined;
}
