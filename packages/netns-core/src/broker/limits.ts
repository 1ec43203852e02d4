import { checkInteger, checkKnownOptions, checkOptionsObject } from '../checks/index.js';

/** What one client, and all of them together, may take of the broker. */
export interface BrokerLimits {
  /** Connections at the same time. @default 256 */
  clients?: number | undefined;
  /** Connections of one user at the same time. @default 64 */
  clientsPerUser?: number | undefined;
  /** Requests that a client may send before it has read the replies. @default 16 */
  outstanding?: number | undefined;
  /** Namespaces that one connection watches. @default 64 */
  watches?: number | undefined;
  /** How long half a line may wait for its other half, in milliseconds. @default 5000 */
  lineTimeout?: number | undefined;
  /** How long a connection without requests stays open, in milliseconds; clients connect again by themselves. @default 600000 */
  idleTimeout?: number | undefined;
}

export type CheckedLimits = { readonly [Limit in keyof BrokerLimits]-?: number };

const DEFAULTS: CheckedLimits = {
  clients: 256,
  clientsPerUser: 64,
  outstanding: 16,
  watches: 64,
  lineTimeout: 5000,
  idleTimeout: 600_000,
};

/** @throws InvalidOptionError */
export function checkLimits(limits: BrokerLimits = {}): CheckedLimits {
  checkOptionsObject(limits, 'limits');
  const names = ['clients', 'clientsPerUser', 'outstanding', 'watches', 'lineTimeout', 'idleTimeout'] as const;
  checkKnownOptions(limits, { callee: 'limits', names });
  const checked: { -readonly [Limit in keyof CheckedLimits]: number } = { ...DEFAULTS };
  for (const name of names)
    checked[name] = checkInteger(`limits.${name}`, limits[name], 1, 0x7fffffff) ?? checked[name];
  return checked;
}
