import type { Dns } from './dns.js';
import type { Route } from './route.js';
import type { CniVersion } from './versions.js';

/** An interface that a plugin made or found. */
export interface Interface {
  name: string;
  /** The hardware address. */
  mac?: string;
  /** The path of the namespace it is in; absent or empty for an interface of the host. */
  sandbox?: string;
  /** In bytes. Since 1.1.0. */
  mtu?: number;
  /** The socket of a user-space interface (vhost-user). Since 1.1.0. */
  socketPath?: string;
  /** The PCI address of the device. Since 1.1.0. */
  pciID?: string;
}

/** An address that was given to an interface. */
export interface IPConfig {
  /** Address and prefix length: `192.0.2.7/24`. */
  address: string;
  /** The network's default gateway. */
  gateway?: string;
  /** Where in `interfaces` its interface is. */
  interface?: number;
}

/** An address as 0.3.0 to 0.4.0 write it. */
export interface IPConfigWithVersion extends IPConfig {
  version: '4' | '6';
}

/** The one address of a family, as 0.1.0 and 0.2.0 write it. */
export interface IPConfigOfFamily {
  /** Address and prefix length: `192.0.2.7/24`. */
  ip: string;
  gateway?: string;
  routes?: Route[];
}

/** A result of 0.1.0 or 0.2.0: one address of each family at most, no interfaces. */
export interface Result02<V extends CniVersion = '0.1.0' | '0.2.0'> {
  cniVersion: V;
  ip4?: IPConfigOfFamily;
  ip6?: IPConfigOfFamily;
  dns?: Dns;
}

/** A result of 0.3.0, 0.3.1 or 0.4.0. */
export interface Result04<V extends CniVersion = '0.3.0' | '0.3.1' | '0.4.0'> {
  cniVersion: V;
  interfaces?: Interface[];
  ips?: IPConfigWithVersion[];
  routes?: Route[];
  dns?: Dns;
}

/** A result of 1.0.0 or 1.1.0. */
export interface Result1<V extends CniVersion = '1.0.0' | '1.1.0'> {
  cniVersion: V;
  interfaces?: Interface[];
  ips?: IPConfig[];
  routes?: Route[];
  dns?: Dns;
}

/** The form of a result in each version. */
export interface ResultOfVersion {
  '0.1.0': Result02<'0.1.0'>;
  '0.2.0': Result02<'0.2.0'>;
  '0.3.0': Result04<'0.3.0'>;
  '0.3.1': Result04<'0.3.1'>;
  '0.4.0': Result04<'0.4.0'>;
  '1.0.0': Result1<'1.0.0'>;
  '1.1.0': Result1<'1.1.0'>;
}

/**
 * What a plugin answers to ADD. `Result<'1.0.0'>` is one of that version, `Result` one of any, told apart by
 * `cniVersion`. Keys that the types do not name survive parsing and printing.
 */
export type Result<V extends CniVersion = CniVersion> = ResultOfVersion[V];
