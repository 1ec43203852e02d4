export type { VrfAgentTarget } from './agent-options.js';
export { VrfHttpAgent, type VrfHttpAgentOptions } from './vrf-http-agent.js';
export { VrfHttpsAgent, type VrfHttpsAgentOptions } from './vrf-https-agent.js';
