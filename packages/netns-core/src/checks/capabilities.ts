import { readFileSync } from 'node:fs';

/** The bits of the capabilities that these packages ask for, `<linux/capability.h>`. */
export const CAPABILITY_BITS = {
  CAP_DAC_OVERRIDE: 1n,
  CAP_NET_BIND_SERVICE: 10n,
  CAP_NET_ADMIN: 12n,
  CAP_NET_RAW: 13n,
  CAP_SYS_PTRACE: 19n,
  CAP_SYS_ADMIN: 21n,
} as const;

export type Capability = keyof typeof CAPABILITY_BITS;

/** A field of the calling thread's status, see proc_pid_status(5); `undefined` where it cannot be read. */
function statusField(name: string): string | undefined {
  try {
    const status = readFileSync('/proc/thread-self/status', 'utf8');
    return new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1];
  } catch {
    // No /proc, no file descriptor left, or Node's permission model.
    return undefined;
  }
}

/**
 * Whether the calling thread has a capability in effect, over its own user namespace; `undefined` where that cannot be
 * found out.
 */
export function hasCapability(capability: Capability): boolean | undefined {
  const effective = statusField('CapEff');
  if (effective === undefined) return undefined;
  return ((BigInt(`0x${effective}`) >> CAPABILITY_BITS[capability]) & 1n) === 1n;
}

/** Whether the process is in another user namespace than the machine's first one. */
function isInChildUserNamespace(): boolean {
  try {
    return !/^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'));
  } catch {
    return false;
  }
}

/** What to say where more can be done about a missing capability than to grant it. */
export interface CapabilityAdvice {
  /** What the capability must be valid for, if that is not plain: `'in the network namespace of the socket'`. */
  readonly over?: string | undefined;
  /** The command that gives an ordinary user the capability in namespaces of its own: `'unshare -Urn'`. */
  readonly instead?: string | undefined;
}

/**
 * Why the kernel refused something that takes one of these capabilities, and what to do about it. Looks at the
 * capabilities that the calling thread really has: where none is missing, the message does not say so.
 */
export function describeRefusal(capabilities: readonly Capability[], { over, instead }: CapabilityAdvice = {}): string {
  const [first] = capabilities;
  const needed = capabilities.join(' or ');
  const where = over === undefined ? '' : ` ${over}`;
  const held = capabilities.find((capability) => hasCapability(capability) === true);
  if (held !== undefined) {
    if (isInChildUserNamespace())
      return `the process has ${held} in its own user namespace only, and the kernel asks for it${where} in the one that owns the object: grant it there${instead === undefined ? '' : `, or do everything inside one \`${instead}\``}`;
    const seccomp = statusField('Seccomp');
    return `the process has ${held}, so the refusal has another cause: ${seccomp !== undefined && seccomp !== '0' ? 'a seccomp filter is active' : 'a security module (AppArmor, SELinux) or the object itself'}`;
  }
  const short = first?.replace('CAP_', '');
  const grant = `AmbientCapabilities=${first} in a systemd unit, --cap-add ${short} for a container`;
  return `the process lacks ${needed}${where}: grant it (${grant})${instead === undefined ? '' : `, or run the program inside \`${instead}\``}`;
}
