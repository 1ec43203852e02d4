import {
  InvalidNameError,
  InvalidOptionError,
  type NamespaceRef,
  type SocketOptions,
  SocketReserve,
  vrfToNetns,
} from 'netns-core';
import { checkBoolean, checkInteger, checkMilliseconds, shown } from 'netns-core/checks';

/** How host names are resolved in a target. */
export interface VrfDnsOptions {
  /** Name servers, `'192.0.2.53'`, `'192.0.2.53:5353'`, `'[2001:db8::53]:5353'`, instead of those of `resolv.conf`. */
  servers?: readonly string[] | undefined;
  /** Search domains instead of those of `resolv.conf`. */
  search?: readonly string[] | undefined;
  /** Whether `/etc/netns/<name>/hosts` or `/etc/hosts` is looked at (default true). */
  hosts?: boolean | undefined;
  /** `false` asks the server each time; an object bounds the cache. */
  cache?: boolean | { maxEntries?: number; maxTtl?: number; maxNegativeTtl?: number } | undefined;
}

/** Where sockets are made. Not given at all, it is the namespace of the calling thread. */
export interface VrfTarget {
  /** A VRF: always the network namespace `ns-<vrf>`, as EOS and goarista name it, never a device. Not with `namespace`. */
  vrf?: string | undefined;
  /** A network namespace in any way that netns-core can refer to one. Not with `vrf`. */
  namespace?: NamespaceRef | undefined;
  /** A device inside the namespace, the kernel's VRF device or an ordinary one: sockets are bound to it. */
  interface?: string | undefined;
  /** How long to wait for a namespace that is not there, in milliseconds; 0, the default, fails at once. */
  waitForNamespace?: number | undefined;
  /** What becomes of an agent's running requests when its namespace is replaced: they may finish (`'drain'`, the default), or not. */
  onReplaced?: 'drain' | 'abort' | undefined;
  /** How host names are resolved there. */
  dns?: VrfDnsOptions | undefined;
}

/** The names of all options of {@link VrfTarget} and `SocketOptions`. */
export const TARGET_OPTIONS: readonly string[] = [
  'vrf',
  'namespace',
  'interface',
  'waitForNamespace',
  'onReplaced',
  'dns',
  'tos',
  'mark',
  'priority',
  'reuseAddress',
  'reusePort',
  'ipv6Only',
  'freebind',
  'transparent',
];

/** A target whose options have been checked. Nothing in it is open, and it holds no namespace alive. */
export interface ResolvedTarget {
  /** For `openSocket` and `resolveNamespace`; `''` is the namespace of the calling thread. */
  readonly namespace: NamespaceRef;
  /** How messages call it: `VRF 'red' (namespace 'ns-red')`. */
  readonly label: string;
  /**
   * The name and directory under which the namespace comes and goes. Not there for namespaces without a name, and for
   * `''` and `'default'`, which are not watched.
   */
  readonly watched: { readonly name: string; readonly dir: string | undefined } | undefined;
  /** Whether the reference can come to mean another namespace: a name, a path or a process can, a handle can not. */
  readonly replaceable: boolean;
  /** The name in `/etc/netns/<name>`, if it has one. */
  readonly etcName: string | undefined;
  /** What `openSocket` sets on every socket, `interface` included. */
  readonly socketOptions: Readonly<SocketOptions>;
  readonly waitForNamespace: number;
  readonly onReplaced: 'drain' | 'abort';
  readonly dns: Readonly<VrfDnsOptions>;
}

/** Directories whose files are named namespaces, so that a path into them is a name. */
const NAMED = /^\/(?:var\/)?run\/netns\/([^/]+)$/;

/**
 * Checks the options of a target; opens nothing, so a missing namespace is found later.
 *
 * @param options the caller's; what is not a {@link VrfTarget} or a `SocketOptions` is left alone
 * @throws InvalidOptionError, InvalidNameError with the option's name
 */
export function resolveTarget(options: VrfTarget & SocketOptions): ResolvedTarget {
  if (typeof options !== 'object' || options === null)
    throw new InvalidOptionError('options', `options must be an object, not ${shown(options)}`);
  const { vrf, namespace, onReplaced = 'drain' } = options;
  if (vrf !== undefined && namespace !== undefined)
    throw new InvalidOptionError(
      'namespace',
      `both vrf (${shown(vrf)}) and namespace (${shown(namespace)}) are given: a target is one or the other`,
    );
  if (vrf === undefined && namespace === undefined && options.interface === undefined)
    // `{ vrf: process.env.VRF }` with nothing in the environment must not quietly mean "at home".
    for (const option of ['vrf', 'namespace', 'interface'])
      if (Object.hasOwn(options, option))
        throw new InvalidOptionError(
          option,
          `${option} is there but undefined: give it a value, or leave it out to stay in the namespace of the caller`,
        );
  if (onReplaced !== 'drain' && onReplaced !== 'abort')
    throw new InvalidOptionError('onReplaced', `onReplaced must be 'drain' or 'abort', not ${shown(onReplaced)}`);
  const place = vrf !== undefined ? fromVrf(vrf) : fromNamespace(namespace ?? '');
  return Object.freeze({
    ...place,
    replaceable: place.watched !== undefined || isFileReference(place.namespace),
    socketOptions: checkSocketOptions(options),
    waitForNamespace: checkMilliseconds('waitForNamespace', options.waitForNamespace) ?? 0,
    onReplaced,
    dns: checkDns(options.dns),
  });
}

function isFileReference(ref: NamespaceRef): boolean {
  return typeof ref === 'object' && !('isOpen' in ref) && ('path' in ref || 'pid' in ref);
}

type Place = Pick<ResolvedTarget, 'namespace' | 'label' | 'watched' | 'etcName'>;

const HOME: Place = {
  namespace: '',
  label: "the caller's own namespace",
  watched: undefined,
  etcName: undefined,
};

function fromVrf(vrf: unknown, option = 'vrf'): Place {
  if (typeof vrf !== 'string')
    throw new InvalidOptionError(option, `${option} must be the name of a VRF, not ${shown(vrf)}`);
  const name = vrfToNetns(vrf);
  if (name === '') return HOME;
  checkNamespaceName(option, name);
  if (name === 'default') return { namespace: name, label: "VRF 'default'", watched: undefined, etcName: name };
  return {
    namespace: name,
    label: `VRF '${vrf}' (namespace '${name}')`,
    watched: { name, dir: undefined },
    etcName: name,
  };
}

function fromNamespace(ref: unknown): Place {
  if (typeof ref === 'string') {
    if (ref === '') return HOME;
    checkNamespaceName('namespace', ref);
    return {
      namespace: ref,
      label: `namespace '${ref}'`,
      watched: ref === 'default' ? undefined : { name: ref, dir: undefined },
      etcName: ref,
    };
  }
  if (typeof ref !== 'object' || ref === null) throw badReference(ref);
  const namespace = ref as NamespaceRef;
  if ('isOpen' in ref) return { namespace, label: `namespace ${String(ref)}`, watched: undefined, etcName: undefined };
  if ('vrf' in ref) return fromVrf(ref.vrf, 'namespace.vrf');
  if ('name' in ref) {
    const { name } = ref;
    const dir = 'dir' in ref ? ref.dir : undefined;
    if (typeof name !== 'string')
      throw new InvalidOptionError('namespace.name', `namespace.name must be a name, not ${shown(name)}`);
    checkNamespaceName('namespace.name', name);
    if (dir === undefined) return fromNamespace(name);
    if (typeof dir !== 'string' || !dir.startsWith('/') || dir.includes('\0'))
      throw new InvalidOptionError('namespace.dir', `namespace.dir must be an absolute path, not ${shown(dir)}`);
    return { namespace, label: `namespace '${name}' in ${dir}`, watched: { name, dir }, etcName: name };
  }
  if ('path' in ref) {
    const { path } = ref;
    if (typeof path !== 'string' || path === '' || path.includes('\0'))
      throw new InvalidOptionError('namespace.path', `namespace.path must be a path, not ${shown(path)}`);
    const name = NAMED.exec(path)?.[1];
    return {
      namespace,
      label: `namespace at ${path}`,
      watched: name === undefined ? undefined : { name, dir: path.slice(0, -name.length - 1) },
      etcName: name,
    };
  }
  if ('pid' in ref) {
    checkInteger('namespace.pid', ref.pid ?? Number.NaN, 0, 2 ** 31 - 1);
    if (!('tid' in ref) || ref.tid === undefined)
      return { namespace, label: `the namespace of process ${ref.pid}`, watched: undefined, etcName: undefined };
    checkInteger('namespace.tid', ref.tid ?? Number.NaN, 0, 2 ** 31 - 1);
    return {
      namespace,
      label: `the namespace of thread ${ref.tid} of process ${ref.pid}`,
      watched: undefined,
      etcName: undefined,
    };
  }
  if ('fd' in ref) {
    checkInteger('namespace.fd', ref.fd ?? Number.NaN, 0, 2 ** 31 - 1);
    return { namespace, label: `the namespace of fd ${ref.fd}`, watched: undefined, etcName: undefined };
  }
  throw badReference(ref);
}

function badReference(ref: unknown): InvalidOptionError {
  return new InvalidOptionError(
    'namespace',
    `namespace must be a name, a NetnsHandle or an object with name, vrf, path, pid or fd, not ${shown(ref)}`,
  );
}

/** What a file in the directory of named namespaces can be called. */
function checkNamespaceName(option: string, name: string): void {
  const wrong =
    name === ''
      ? 'it is empty'
      : name === '.' || name === '..'
        ? 'it is a directory'
        : name.includes('/')
          ? "it contains '/'"
          : name.includes('\0')
            ? 'it contains a NUL'
            : Buffer.byteLength(name) > 255
              ? 'it is longer than 255 bytes'
              : undefined;
  if (wrong !== undefined)
    throw new InvalidNameError(`${option}: ${shown(name)} cannot be the name of a network namespace: ${wrong}`, {
      code: 'ERR_INVALID_NAME',
    });
}

/**
 * Checks what is to be set on sockets and leaves out everything else.
 *
 * @throws InvalidOptionError with the option's name
 */
export function checkSocketOptions(options: SocketOptions): SocketOptions {
  const checked: SocketOptions = {};
  const tos = checkInteger('tos', options.tos, 0, 255);
  if (tos !== undefined) checked.tos = tos;
  const mark = checkInteger('mark', options.mark, 0, 0xffffffff);
  if (mark !== undefined) checked.mark = mark;
  const priority = checkInteger('priority', options.priority, 0, 0x7fffffff);
  if (priority !== undefined) checked.priority = priority;
  if (options.interface !== undefined) checked.interface = checkInterfaceName('interface', options.interface);
  for (const option of ['reuseAddress', 'reusePort', 'ipv6Only', 'freebind', 'transparent'] as const) {
    const value = checkBoolean(option, options[option]);
    if (value !== undefined) checked[option] = value;
  }
  return checked;
}

/** What the kernel takes as the name of a device (`dev_valid_name` in net/core/dev.c). */
export function checkInterfaceName(option: string, name: unknown): string {
  if (typeof name !== 'string' || !/^[^\s/:\0]+$/.test(name) || Buffer.byteLength(name) > 15 || /^\.{1,2}$/.test(name))
    throw new InvalidOptionError(
      option,
      `${option} must be the name of a device (1 to 15 bytes without spaces, '/' and ':'), not ${shown(name)}`,
    );
  return name;
}

function checkDns(dns: unknown): VrfDnsOptions {
  if (dns === undefined) return {};
  if (typeof dns !== 'object' || dns === null)
    throw new InvalidOptionError('dns', `dns must be an object, not ${shown(dns)}`);
  const options = dns as VrfDnsOptions;
  for (const list of ['servers', 'search'] as const) {
    const value: unknown = options[list];
    if (value === undefined) continue;
    if (!Array.isArray(value) || value.some((entry) => typeof entry !== 'string' || entry === ''))
      throw new InvalidOptionError(`dns.${list}`, `dns.${list} must be an array of strings, not ${shown(value)}`);
  }
  checkBoolean('dns.hosts', options.hosts);
  const { cache } = options;
  if (cache !== undefined && typeof cache !== 'boolean' && (typeof cache !== 'object' || cache === null))
    throw new InvalidOptionError('dns.cache', `dns.cache must be true, false or an object, not ${shown(cache)}`);
  return { ...options };
}

/**
 * What makes sockets in the target's namespace, with its options set and bound to its interface.
 *
 * @param prepare sets what else is wanted of each socket
 */
export function targetSockets(target: ResolvedTarget, prepare?: (fd: number) => void): SocketReserve {
  return new SocketReserve({ ...target.socketOptions, namespace: target.namespace, prepare });
}
