import type { UnknownAttribute, WithUnknown } from '../message/unknown-attribute.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { NeighbourParameters } from './neighbour-table.js';

/** What is to change in a table of neighbours; what is left out stays as it is. */
export interface NeighbourTableSettings extends NeighbourParameters, WithUnknown {
  /** The link whose parameters are meant; those that new links get if left out. */
  readonly link?: LinkReference | undefined;
  /** The same, by index. */
  readonly ifindex?: number | undefined;
  /** Entries below which none is removed, above which unused ones are soon, and above which there can be none. Not of a link. */
  readonly gcThresholds?: readonly [number, number, number] | undefined;
  /** Milliseconds between two looks for entries that can go. Not of a link. */
  readonly gcInterval?: number | undefined;
  /** As `unknown`, of what the table has beside its parameters. */
  readonly unknownCommon?: readonly UnknownAttribute[] | undefined;
}
