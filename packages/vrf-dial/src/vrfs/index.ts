export { listVrfs } from './list-vrfs.js';
export { netnsToVrf } from './netns-to-vrf.js';
export type { Vrf } from './vrf.js';
export { type VrfEvent, type VrfWatch, type WatchVrfsOptions, watchVrfs } from './watch-vrfs.js';
