import type { VrfTarget } from '../target/target.js';
import type { KindOfLink } from './link-kinds.js';
import { netnsToVrf } from './netns-to-vrf.js';

/** A VRF of this host. */
export type Vrf = {
  /** As operators call it: `'management'`, `'default'`. */
  readonly name: string;
  /** The options that mean it, for everything in this package that takes a target. */
  readonly target: Readonly<Pick<VrfTarget, 'vrf' | 'namespace' | 'interface'>>;
} & (
  | {
      /** The default VRF: the namespace `default` if there is one, otherwise the one that the process started in. */
      readonly kind: 'default';
    }
  | {
      /** A named namespace that follows the convention. */
      readonly kind: 'namespace';
      /** `'ns-management'` */
      readonly namespace: string;
    }
  | {
      /** A VRF device of the kernel, in the caller's namespace. */
      readonly kind: 'device';
      readonly interface: string;
      readonly ifindex: number;
      /** Its routing table. */
      readonly table: number | undefined;
    }
);

/** The VRF that is always there. */
export const DEFAULT_VRF: Vrf = Object.freeze({
  name: 'default',
  kind: 'default',
  target: Object.freeze({ vrf: 'default' }),
});

/** The VRF that a named namespace is; `undefined` for one outside the convention, and for that of the default VRF. */
export function vrfOfNamespace(namespace: string): Vrf | undefined {
  const name = netnsToVrf(namespace);
  if (name === undefined || namespace === 'default') return undefined;
  return { name, kind: 'namespace', namespace, target: { vrf: name } };
}

/** The VRF that a VRF device is. */
export function vrfOfDevice({ name, index, table }: KindOfLink): Vrf {
  return { name, kind: 'device', interface: name, ifindex: index, table, target: { namespace: '', interface: name } };
}
