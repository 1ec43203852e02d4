export { listenInVrf, listenInVrfWith } from './listen-in-vrf.js';
export type { ListenOptions } from './listen-options.js';
export type { VrfListenerEvents } from './listener-reports.js';
export { VrfListener } from './vrf-listener.js';
