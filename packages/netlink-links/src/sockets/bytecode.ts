import { AF_INET, AF_INET6 } from 'netns-core/sys';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import {
  INET_DIAG_BC_D_COND,
  INET_DIAG_BC_D_GE,
  INET_DIAG_BC_D_LE,
  INET_DIAG_BC_DEV_COND,
  INET_DIAG_BC_MARK_COND,
  INET_DIAG_BC_S_COND,
  INET_DIAG_BC_S_GE,
  INET_DIAG_BC_S_LE,
} from '../uapi/sock-diag.js';
import type { CheckedEndpoint, CheckedFilter } from './check-filter.js';

/** A condition: its code, and what follows the instruction. */
interface Condition {
  readonly code: number;
  readonly size: number;
  fill(view: DataView, at: number): void;
}

/** Size of `struct inet_diag_bc_op`: code (u8), where to go on if it is true (u8) and if it is not (u16). */
const OP = 4;
/** Size of `struct inet_diag_hostcond` without its address: family (u8), length of the prefix (u8), port (i32). */
const HOST = 8;
const ANY_PORT = -1;

function portCondition(code: number, port: number): Condition {
  // The port stands where a second instruction would have its way out.
  return { code, size: OP, fill: (view, at) => view.setUint16(at + 2, port, LITTLE_ENDIAN) };
}

function endpointConditions(endpoint: CheckedEndpoint | undefined, local: boolean): Condition[] {
  const conditions: Condition[] = [];
  if (endpoint?.ports !== undefined) {
    const [first, last] = endpoint.ports;
    conditions.push(portCondition(local ? INET_DIAG_BC_S_GE : INET_DIAG_BC_D_GE, first));
    conditions.push(portCondition(local ? INET_DIAG_BC_S_LE : INET_DIAG_BC_D_LE, last));
  }
  const network = endpoint?.network;
  if (network !== undefined)
    conditions.push({
      code: local ? INET_DIAG_BC_S_COND : INET_DIAG_BC_D_COND,
      size: HOST + network.bytes.length,
      fill(view, at) {
        view.setUint8(at, network.bytes.length === 4 ? AF_INET : AF_INET6);
        view.setUint8(at + 1, network.prefixLength);
        view.setInt32(at + 4, ANY_PORT, LITTLE_ENDIAN);
        for (const [index, byte] of network.bytes.entries()) view.setUint8(at + HOST + index, byte);
      },
    });
  return conditions;
}

/**
 * The program by which the kernel chooses sockets (`inet_diag_bc_run`): all conditions must hold. `undefined` where there
 * are none.
 *
 * @param ifindex of the link that they must be bound to
 */
export function bytecodeOf(
  { local, remote, mark }: CheckedFilter,
  ifindex: number | undefined,
): Uint8Array | undefined {
  const conditions = [...endpointConditions(local, true), ...endpointConditions(remote, false)];
  if (ifindex !== undefined)
    conditions.push({
      code: INET_DIAG_BC_DEV_COND,
      size: 4,
      fill: (view, at) => view.setUint32(at, ifindex, LITTLE_ENDIAN),
    });
  if (mark !== undefined)
    conditions.push({
      code: INET_DIAG_BC_MARK_COND,
      size: 8,
      fill(view, at) {
        view.setUint32(at, mark.value, LITTLE_ENDIAN);
        view.setUint32(at + 4, mark.mask, LITTLE_ENDIAN);
      },
    });
  if (conditions.length === 0) return undefined;
  const length = conditions.reduce((sum, { size }) => sum + OP + size, 0);
  const view = new DataView(new ArrayBuffer(length));
  let at = 0;
  for (const { code, size, fill } of conditions) {
    view.setUint8(at, code);
    view.setUint8(at + 1, OP + size);
    // Behind the end of the program: the socket is none of those that are wanted.
    view.setUint16(at + 2, length - at + OP, LITTLE_ENDIAN);
    fill(view, at + OP);
    at += OP + size;
  }
  return new Uint8Array(view.buffer);
}
