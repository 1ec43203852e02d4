export { LAAttachBridge, LADetachBridge, type OvsBridgeOptions } from './bridge-actions.js';
export type { OvsOptions } from './ovs-vsctl.js';
