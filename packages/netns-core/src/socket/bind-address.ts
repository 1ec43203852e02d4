import { isIPv4, isIPv6 } from 'node:net';
import { checkInteger, checkKnownOptions, checkOptionsObject, checkPort, shown } from '../checks/index.js';
import { InvalidOptionError, NetnsError } from '../errors.js';
import { encodeInternetAddress, parseIPv4, parseIPv6, type Syscalls } from '../sys/index.js';
import type { BindAddress } from './source-types.js';

/** @throws InvalidOptionError */
export function checkBindAddress(family: 'ipv4' | 'ipv6', bindTo: unknown): asserts bindTo is BindAddress {
  checkOptionsObject(bindTo, 'bindTo');
  checkKnownOptions(bindTo, { callee: 'bindTo', names: ['address', 'port', 'scopeId'] });
  const { address, port, scopeId } = bindTo as Record<string, unknown>;
  const isOfFamily = family === 'ipv4' ? isIPv4 : isIPv6;
  if (typeof address !== 'string' || !isOfFamily(address) || address.includes('%'))
    throw new InvalidOptionError(
      'bindTo.address',
      `bindTo.address must be an ${family} address without a zone, got ${shown(address)}`,
    );
  checkPort('bindTo.port', port, { zero: true });
  checkInteger('bindTo.scopeId', scopeId, 0, 0x7fffffff);
}

/** @throws NetnsError with the kernel's code, its syscall `bind` */
export function bindToAddress(calls: Syscalls, fd: number, { address, port, scopeId }: BindAddress): void {
  const bytes = isIPv4(address) ? parseIPv4(address) : parseIPv6(address);
  const result = calls.bind(fd, encodeInternetAddress(bytes, port, scopeId));
  if (result < 0) throw NetnsError.fromErrno(-result, 'bind', `cannot bind a socket to port ${port} of ${address}`);
}
