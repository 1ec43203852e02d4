export { listenInVrf, listenInVrfWith } from './listen-in-vrf.js';
export type { ListenOptions } from './listen-options.js';
export { VrfListener, type VrfListenerEvents } from './vrf-listener.js';
