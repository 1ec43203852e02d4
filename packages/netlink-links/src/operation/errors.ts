import { NetnsError } from 'netns-core';
import { hasCapability } from 'netns-core/checks';
import { Errno, errnoName } from 'netns-core/sys';
import type { Acknowledgement, ExtendedAck } from '../message/extended-ack.js';

/** What an operation was about, for errors. */
export interface OperationIdentity {
  /** The function that made it: `'routeAdd'`. */
  readonly name: string;
  /** What it does, with its object, as it reads after "cannot": `'add route 198.51.100.0/24 via 203.0.113.9'`. */
  readonly description: string;
  /** The object that it is about: `'198.51.100.0/24'`, `'eth0'`. */
  readonly target: string;
  /** The name or index of the link that the operation acts on: if the kernel says ENODEV, it is this one that is missing. */
  readonly link?: string | number | undefined;
  /** The module of the kernel that has to be there: `'sch_netem'`. */
  readonly module?: string | undefined;
  /** What exists already if the kernel says EEXIST, where it is not the object itself: `'a link named eth1'`. */
  readonly taken?: string | undefined;
  /** The kind that a link has to be of for a change of what only this kind has: `'bridge'`. */
  readonly ofKind?: string | undefined;
  /** The kernel's names of the kinds of actions that it needs: `'vlan'` of the module act_vlan. */
  readonly actions?: readonly string[] | undefined;
}

/** What a {@link NetlinkError} carries beside its message. */
export interface NetlinkErrorDetails {
  code: string;
  errno?: number | undefined;
  extack?: ExtendedAck | undefined;
  operation: string;
  target: string;
  cause?: unknown;
}

/**
 * The kernel refused an operation, or its answer could not be had. The message says which operation on which object,
 * and what the kernel said: `cannot add route 198.51.100.0/24 via 203.0.113.9: Nexthop has invalid gateway
 * (ENETUNREACH)`.
 */
export class NetlinkError extends NetnsError {
  override name = 'NetlinkError';
  /** The function that made the operation: `'routeAdd'`. */
  readonly operation: string;
  /** The object that it was about. */
  readonly target: string;
  /** The kernel's own words, where it had any. */
  readonly extack?: ExtendedAck;

  constructor(message: string, details: NetlinkErrorDetails) {
    super(message, { syscall: 'netlink', ...details });
    this.operation = details.operation;
    this.target = details.target;
    if (details.extack !== undefined) this.extack = details.extack;
  }

  /** The error of a request that the kernel refused. */
  static refused(operation: OperationIdentity, { errno, extack }: Acknowledgement): NetlinkError {
    const code = errnoName(errno);
    const said = extack?.message?.replace(/\.$/, '');
    const permitted = code === 'EPERM' && hasCapability('CAP_NET_ADMIN') === true;
    const { taken, ofKind } = operation;
    const exists = code === 'EEXIST' && taken !== undefined ? `${taken} exists already` : undefined;
    const otherKind =
      code === 'EOPNOTSUPP' && ofKind !== undefined
        ? `the link is not of the kind '${ofKind}', or the kernel changes nothing of links of this kind`
        : undefined;
    const advice = permitted ? PERMITTED_TO_US : (exists ?? otherKind ?? ADVICE[code]);
    const reason =
      said === undefined || said === ''
        ? (advice ?? 'the kernel refused it without saying why')
        : code === 'EPERM' && !permitted
          ? `${said}: ${advice}`
          : said;
    const { module, actions } = operation;
    const lacking = /action module/i.test(said ?? '') && actions !== undefined ? `${lackedActions(actions)}: ` : '';
    const lacksKind =
      module !== undefined &&
      !COMPILED_WITHOUT.test(said ?? '') &&
      MISSING_KIND.has(code) &&
      (said === undefined || said === '' || /unknown|not supported|classifier not found/i.test(said));
    const hint = lacksKind ? `; where the kernel has it as a module, \`modprobe ${module}\` loads it` : '';
    return new NetlinkError(`cannot ${operation.description}: ${lacking}${reason}${hint} (${code})`, {
      code,
      errno,
      extack,
      operation: operation.name,
      target: operation.target,
    });
  }

  /** An error of ours, not of the kernel: the answer is damaged, interrupted, missing. */
  static failed(operation: OperationIdentity, code: string, reason: string, cause?: unknown): NetlinkError {
    return new NetlinkError(`cannot ${operation.description}: ${reason}`, {
      code,
      operation: operation.name,
      target: operation.target,
      ...(cause !== undefined && { cause }),
    });
  }
}

/** There is no link of that name, index or alias in the namespace. */
export class LinkNotFoundError extends NetlinkError {
  override name = 'LinkNotFoundError';

  /** @param link its name or index */
  static of(operation: OperationIdentity, link: string | number, extack?: ExtendedAck): LinkNotFoundError {
    const which = typeof link === 'number' ? `with index ${link}` : `"${link}"`;
    return new LinkNotFoundError(
      `cannot ${operation.description}: there is no link ${which} in the namespace (ENODEV)`,
      {
        code: 'ENODEV',
        errno: Errno.ENODEV,
        operation: operation.name,
        target: operation.target,
        extack,
      },
    );
  }
}

/** What the kernel says where it lacks a kind of links or of queueing disciplines. */
const MISSING_KIND: ReadonlySet<string> = new Set(['EOPNOTSUPP', 'ENOENT']);

/** What the kernel was built without, no module brings. */
const COMPILED_WITHOUT = /\(CONFIG_\w+\)/;

/** Which kinds of actions the kernel may lack. It does not say which of several. */
function lackedActions(kinds: readonly string[]): string {
  const names = kinds.map((kind) => `'${kind}'`).join(', ');
  const modules = kinds.map((kind) => `act_${kind}`).join(', ');
  return kinds.length === 1
    ? `the kernel has no action ${names} (module ${modules})`
    : `the kernel lacks one of the actions ${names} (modules ${modules})`;
}

const PERMITTED_TO_US =
  'the kernel does not permit it, although this process has CAP_NET_ADMIN: the namespace belongs to another user namespace, or the link does not allow it as it is (a bond while it is up, say)';

/** What the kernel means where it gives a number only. */
const ADVICE: Readonly<Record<string, string>> = {
  EPERM:
    'the process lacks CAP_NET_ADMIN in the network namespace: run it as root, or inside `unshare -Urn` for a namespace of its own',
  EEXIST: 'it exists already',
  ENODEV: 'the link does not exist in the namespace',
  ENOENT: 'the object does not exist',
  ESRCH: 'the object does not exist',
  EADDRNOTAVAIL: 'the address is not there, or cannot be used here',
  ENETUNREACH: 'the network (or the gateway) cannot be reached from here',
  EHOSTUNREACH: 'the host (or the gateway) cannot be reached from here',
  ENETDOWN: 'the link is down',
  EBUSY: 'it is in use',
  EINVAL: 'the kernel found an argument invalid',
  ERANGE: 'a value is out of range',
  EOPNOTSUPP:
    'the kernel does not support it: it may lack the kind of link (a module that is not loaded or not built), or the option',
  ENOBUFS: 'the kernel ran out of buffers',
  ENOMEM: 'the kernel ran out of memory',
  EAFNOSUPPORT: 'the kernel does not have this address family',
};
