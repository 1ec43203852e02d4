import { checkBoolean } from 'netns-core/checks';
import { checkQuantity, propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { NamedNumbers } from '../../message/named-numbers.js';
import {
  TC_ETF_DEADLINE_MODE_ON,
  TC_ETF_OFFLOAD_ON,
  TC_ETF_QOPT_SIZE,
  TC_ETF_SKIP_SOCK_CHECK,
  TCA_ETF_PARMS,
} from '../../uapi/pkt-sched.js';
import { qdiscOfStructure } from './structure.js';
import { CLOCKS, type ClockName } from './time-fields.js';

/**
 * Earliest TxTime first: each packet is sent at the time that its socket asked for (`SO_TXTIME`); tc-etf(8). The kernel takes no
 * changes.
 */
export interface EtfAttributes {
  /** How long before its time a packet is handed to the device, ms; whole nanoseconds. 0 if left out. */
  readonly delta?: number;
  /** The clock of the times; `'tai'` if left out, the only one that the kernel takes. */
  readonly clockid?: ClockName | number;
  /** The times are those by which packets have to be sent. */
  readonly deadlineMode?: boolean;
  /** The device looks at the times itself. */
  readonly offload?: boolean;
  /** Takes packets of sockets without `SO_TXTIME`, too. */
  readonly skipSockCheck?: boolean;
}

const NS_PER_MS = 1_000_000;
const MAX_DELTA_MS = 0x7fffffff / NS_PER_MS;
const SWITCHES = [
  ['deadlineMode', TC_ETF_DEADLINE_MODE_ON],
  ['offload', TC_ETF_OFFLOAD_ON],
  ['skipSockCheck', TC_ETF_SKIP_SOCK_CHECK],
] as const;
const clocks = new NamedNumbers<ClockName>('clockid', CLOCKS, 0x7fffffff);

export const etf = qdiscOfStructure<EtfAttributes>({
  kernelName: 'etf',
  attribute: TCA_ETF_PARMS,
  size: TC_ETF_QOPT_SIZE,
  properties: propertiesOf<EtfAttributes>(
    { delta: 'set', clockid: 'set', deadlineMode: 'set', offload: 'set', skipSockCheck: 'set' },
    { clock: 'clockid', deadline_mode: 'deadlineMode', skip_sock_check: 'skipSockCheck' },
  ),
  check(qdisc) {
    const { delta, clockid } = qdisc;
    checkQuantity('delta', delta, 0, MAX_DELTA_MS, 'ms');
    if (clockid !== undefined) clocks.number(clockid);
    for (const [name] of SWITCHES) checkBoolean(name, qdisc[name]);
  },
  fill(view, at, qdisc) {
    const { delta = 0, clockid = 'tai' } = qdisc;
    view.setInt32(at, Math.round(delta * NS_PER_MS), LITTLE_ENDIAN);
    view.setInt32(at + 4, clocks.number(clockid), LITTLE_ENDIAN);
    const flags = SWITCHES.reduce((bits, [name, bit]) => (qdisc[name] === true ? bits | bit : bits), 0);
    view.setUint32(at + 8, flags, LITTLE_ENDIAN);
  },
  take(structure, qdisc) {
    qdisc.delta = (structure.u32At(0) | 0) / NS_PER_MS;
    qdisc.clockid = clocks.name(structure.u32At(4));
    const flags = structure.u32At(8);
    for (const [name, bit] of SWITCHES) qdisc[name] = (flags & bit) !== 0;
  },
});
