import { readFileSync } from 'node:fs';
import { CAPABILITY_BITS, type Capability } from '../checks/capabilities.js';
import { NetnsError } from '../errors.js';
import { errnoNumber, F_SETFD, LITTLE_ENDIAN, sys } from '../sys/index.js';

/** `<linux/prctl.h>` */
const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_RAISE = 2;
/** `_LINUX_CAPABILITY_VERSION_3` of `<linux/capability.h>` */
const CAPABILITY_VERSION = 0x20080522;

/**
 * Gives up all capabilities but those, and the way to get any back (`no_new_privs`), in all threads: capabilities belong
 * to threads, and Node has several, so the thread gives them up and starts the program again in the same process.
 * Returns where nothing is to be given up, so also in the program that was started again.
 *
 * @param passed a descriptor that the program was started with and uses
 * @throws NetnsError
 */
export function keepOnly(needed: readonly Capability[], passed?: number): void {
  const status = readFileSync('/proc/thread-self/status', 'utf8');
  const field = (name: string): string => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1] ?? '0';
  const permitted = BigInt(`0x${field('CapPrm')}`);
  let kept = 0n;
  for (const capability of needed) kept |= permitted & (1n << CAPABILITY_BITS[capability]);
  if (field('NoNewPrivs') === '1' && permitted === kept) return;
  const calls = sys();
  const bounding = BigInt(`0x${field('CapBnd')}`);
  for (const bit of bitsOf(bounding & ~kept)) {
    const result = calls.prctl(PR_CAPBSET_DROP, bit, 0);
    // It takes CAP_SETPCAP. Without it the set stays; `no_new_privs` makes it useless.
    if (result < 0 && result !== -errnoNumber('EPERM')) throw failure(result, 'prctl');
  }
  const set = calls.capset(capabilityHeader(), capabilityData(kept));
  if (set < 0) throw failure(set, 'capset');
  for (const bit of bitsOf(kept)) {
    const result = calls.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, bit);
    if (result < 0) throw failure(result, 'prctl');
  }
  const locked = calls.prctl(PR_SET_NO_NEW_PRIVS, 1, 0);
  if (locked < 0) throw failure(locked, 'prctl');
  // Node has marked what it was started with as its own.
  for (const kept of [0, 1, 2, passed ?? 0]) calls.fcntl(kept, F_SETFD, 0);
  const environment = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
  const program = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  throw failure(calls.execve(process.execPath, program, environment), 'execve');
}

function* bitsOf(set: bigint): Generator<number> {
  for (let bit = 0; bit < 64; bit += 1) if ((set >> BigInt(bit)) & 1n) yield bit;
}

/** `struct __user_cap_header_struct`, for the calling thread. */
function capabilityHeader(): Uint8Array {
  const header = new DataView(new ArrayBuffer(8));
  header.setUint32(0, CAPABILITY_VERSION, LITTLE_ENDIAN);
  return new Uint8Array(header.buffer);
}

/** Two of `struct __user_cap_data_struct`: effective, permitted and inheritable, the lower 32 bits first. */
function capabilityData(set: bigint): Uint8Array {
  const data = new DataView(new ArrayBuffer(24));
  for (const [half, bits] of [set & 0xffffffffn, set >> 32n].entries())
    for (let kind = 0; kind < 3; kind += 1) data.setUint32(half * 12 + kind * 4, Number(bits), LITTLE_ENDIAN);
  return new Uint8Array(data.buffer);
}

function failure(result: number, syscall: string): NetnsError {
  return NetnsError.fromErrno(-result, syscall, 'the broker cannot give up the capabilities that it does not need');
}
