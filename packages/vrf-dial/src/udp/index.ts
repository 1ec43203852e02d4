export { createUdpSocket } from './create-udp-socket.js';
export { listenUdpInVrf, VrfUdpListener, type VrfUdpListenerEvents } from './udp-listener.js';
export type { UdpOptions } from './udp-options.js';
