export { openTap, TapDevice } from '../tap/tap-device.js';
export { setupBridge, teardownBridge } from './bridge.js';
export { configureLink } from './configure-link.js';
export {
  type ContainerNetwork,
  ContainerSideNetwork,
  type InterfaceInfo,
  type Route,
  TeardownError,
} from './container-side-network.js';
export { createTap } from './create-tap.js';
export { findVeth } from './find-veth.js';
export { IFNAMSIZ, SizeOfIfReq } from './interface-request.js';
export { type ContainerResult, extractLinkInfo } from './link-info.js';
export { generateMacAddress } from './mac-address.js';
export { recoverContainerSideNetwork } from './recover.js';
export type { ContainerSideNetworkJson, InterfaceType } from './saved-network.js';
export { INTERNAL_DHCP_ADDRESS, setupContainerSideNetwork } from './setup.js';
export { stripLink } from './strip-link.js';
export { validateAndFixResult } from './validate-result.js';
export { createEscapeVethPair, setupVeth } from './veth-pair.js';
