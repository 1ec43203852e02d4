import type { WithUnknown } from '../message/unknown-attribute.js';

/** A family of generic netlink: a part of the kernel that is talked to by commands of its own. */
export interface GenericFamily extends WithUnknown {
  /** The type of its messages. The kernel chooses it when the family's module is loaded. */
  readonly id: number;
  readonly name: string;
  readonly version: number;
  /** Bytes of the family's own header, behind that of generic netlink. */
  readonly headerSize: number;
  /** The greatest number of an attribute; 0 where the family does not say. */
  readonly maxAttribute: number;
  readonly operations: readonly GenericOperation[];
  /** The groups whose messages `genericSubscribe` hears. */
  readonly groups: readonly ({ readonly name: string; readonly id: number } & WithUnknown)[];
}

/** A command of a family, and how it can be sent. */
export interface GenericOperation extends WithUnknown {
  readonly command: number;
  readonly flags: readonly GenericOperationFlag[];
}

/**
 * - `admin-perm`: needs CAP_NET_ADMIN in the initial user namespace;
 * - `uns-admin-perm`: needs CAP_NET_ADMIN in the user namespace of the network namespace;
 * - `do`: acts on one object, or gives one;
 * - `dump`: lists objects;
 * - `policy`: its attributes are checked;
 * - a number: a bit that has no name here.
 */
export type GenericOperationFlag = 'admin-perm' | 'do' | 'dump' | 'policy' | 'uns-admin-perm' | number;
