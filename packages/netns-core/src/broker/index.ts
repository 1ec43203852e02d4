/**
 * A process with privileges that makes sockets in network namespaces for processes without: the subpath
 * `netns-core/broker`. Its clients use `connectBroker` of `netns-core`.
 * @module
 */

export {
  type Broker,
  type BrokerDecision,
  type BrokerLogger,
  type StartBrokerOptions,
  startBroker,
} from './broker.js';
export type { BrokerLimits } from './limits.js';
export type { BrokerPolicy, BrokerRule, NumberOrRange } from './policy.js';
