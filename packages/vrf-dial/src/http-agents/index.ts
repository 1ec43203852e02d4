export type { VrfAgentTarget } from './agent-options.js';
export { forgetDestroyedSockets } from './free-sockets.js';
export { ProxyError } from './proxy-error.js';
export type { ProxyOptions, VrfProxy } from './proxy-options.js';
export { VrfHttpAgent, type VrfHttpAgentOptions } from './vrf-http-agent.js';
export { VrfHttpsAgent, type VrfHttpsAgentOptions } from './vrf-https-agent.js';
