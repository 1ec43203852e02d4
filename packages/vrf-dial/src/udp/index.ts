export { createUdpSocket } from './create-udp-socket.js';
export type { UdpOptions } from './udp-options.js';
