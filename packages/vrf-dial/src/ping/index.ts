export { type Ping, type PingReply, type PingResult, ping } from './ping.js';
export { PingError } from './ping-error.js';
export type { PingOptions } from './ping-options.js';
