import type { Vrf } from 'vrf-dial/node';
import { safe } from '../output/print.js';

/** A VRF and what makes it one: `red (namespace ns-red)`. */
export function describeVrf(vrf: Vrf): string {
  return `${safe(vrf.name)} (${placeOfVrf(vrf)})`;
}

/** What makes a VRF one: `namespace ns-red`. */
export function placeOfVrf(vrf: Vrf): string {
  if (vrf.kind === 'namespace') return `namespace ${safe(vrf.namespace)}`;
  if (vrf.kind === 'device')
    return `device ${safe(vrf.interface)}${vrf.table === undefined ? '' : `, table ${vrf.table}`}`;
  return 'default';
}
