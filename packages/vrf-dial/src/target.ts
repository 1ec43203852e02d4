import {
  InvalidNameError,
  InvalidOptionError,
  type NamespaceRef,
  type OpenSocketOptions,
  openSocket,
  type SocketOptions,
  vrfToNetns,
} from 'netns-core';
import { checkInteger, checkKnownOptions, checkOptionsObject, checkRuntime, shown } from 'netns-core/checks';
import type { CheckedDns } from './options/dns-options.js';
import { checkGroup } from './options/option-group.js';
import { SOCKET_OPTIONS } from './options/socket-options.js';
import { TARGET_OPTIONS } from './options/target-options.js';

/** How host names are resolved in a target. */
export interface VrfDnsOptions {
  /** Name servers, `'192.0.2.53'`, `'192.0.2.53:5353'`, `'[2001:db8::53]:5353'`, instead of those of `resolv.conf`. */
  servers?: readonly string[] | undefined;
  /** Search domains instead of those of `resolv.conf`. */
  search?: readonly string[] | undefined;
  /** Whether `/etc/netns/<name>/hosts` or `/etc/hosts` is looked at (default true). */
  hosts?: boolean | undefined;
  /** `false` asks the server each time; an object bounds the cache. */
  cache?:
    | boolean
    | { maxEntries?: number | undefined; maxTtl?: number | undefined; maxNegativeTtl?: number | undefined }
    | undefined;
  /** Milliseconds to wait for one answer of one server, instead of what `resolv.conf` says (5 s). */
  timeout?: number | undefined;
  /** How often the list of servers is gone through, instead of what `resolv.conf` says (2). */
  attempts?: number | undefined;
  /** A name with this many dots is tried as it is before the search list, instead of what `resolv.conf` says (1). */
  ndots?: number | undefined;
  /** Whether lookups take turns in which server they ask first, instead of what `resolv.conf` says (no). */
  rotate?: boolean | undefined;
}

/**
 * Where sockets are made. It must name something: `vrf`, `namespace` or `interface`. The caller's own namespace is said
 * by `namespace: ''`.
 */
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
  readonly dns: CheckedDns;
}

/** Directories whose files are named namespaces, so that a path into them is a name. */
const NAMED = /^\/(?:var\/)?run\/netns\/([^/]+)$/;

/**
 * Checks the options of a target; opens nothing, so a missing namespace is found later.
 *
 * @param options the caller's; what is not a {@link VrfTarget} or a `SocketOptions` is left alone
 * @param callee what takes the options, for messages
 * @throws InvalidOptionError, InvalidNameError with the option's name
 */
export function resolveTarget(options: VrfTarget & SocketOptions, callee = 'a target'): ResolvedTarget {
  // Also where nothing of ours is called later: another runtime's undici does not know what a dispatcher is.
  checkRuntime();
  checkOptionsObject(options, callee);
  const place = placeOf(options, callee);
  const { waitForNamespace = 0, onReplaced = 'drain', dns = {} } = checkGroup(options, TARGET_OPTIONS);
  return Object.freeze({
    ...place,
    replaceable: place.watched !== undefined || isFileReference(place.namespace),
    socketOptions: checkGroup(options, SOCKET_OPTIONS),
    waitForNamespace,
    onReplaced,
    dns,
  });
}

/** Reads each option once: what was checked is what is used, also where a getter gives another value each time. */
function placeOf(options: VrfTarget, callee: string): Place {
  const { vrf, namespace } = options;
  if (vrf !== undefined && namespace !== undefined)
    throw new InvalidOptionError(
      'namespace',
      `both vrf (${shown(vrf)}) and namespace (${shown(namespace)}) are given: a target is one or the other`,
    );
  if (vrf !== undefined) return fromVrf(vrf);
  if (namespace !== undefined) return fromNamespace(namespace);
  // `{ vrf: process.env.VRF }` with nothing in the environment must not quietly mean "at home", with an interface neither.
  for (const option of ['vrf', 'namespace', 'interface'] as const)
    if (option in options && options[option] === undefined)
      throw new InvalidOptionError(
        option,
        `${option} is there but undefined: give it a value, or say namespace: '' for ${HOME.label}`,
      );
  if (options.interface === undefined)
    throw new InvalidOptionError(
      'vrf',
      `${callee} is told no vrf, namespace or interface: name one of them, or say namespace: '' for ${HOME.label}`,
    );
  return HOME;
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
  if (vrf === '')
    throw new InvalidOptionError(option, `${option} is empty: name a VRF, or say namespace: '' for ${HOME.label}`);
  const name = vrfToNetns(vrf);
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
  checkReferenceKeys(ref);
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

/** The forms of a reference: what names the namespace, and what may go with it. */
const REFERENCE_FORMS: Readonly<Record<string, readonly string[]>> = {
  vrf: ['vrf'],
  name: ['name', 'dir'],
  path: ['path'],
  pid: ['pid', 'tid'],
  fd: ['fd'],
};
const REFERENCE_SYNONYMS: Readonly<Record<string, string>> = {
  directory: 'dir',
  folder: 'dir',
  netns: 'name',
  namespace: 'name',
  ns: 'name',
  file: 'path',
  filename: 'path',
  process: 'pid',
  processid: 'pid',
  thread: 'tid',
  threadid: 'tid',
  handle: 'fd',
};

/** `{ name: 'x', dirr: '/y' }` would mean another namespace of that name, and `{ name, pid }` two at once. */
function checkReferenceKeys(ref: object): void {
  const form = Object.keys(REFERENCE_FORMS).find((key) => key in ref);
  const names = form === undefined ? Object.values(REFERENCE_FORMS).flat() : (REFERENCE_FORMS[form] ?? []);
  checkKnownOptions(ref, { callee: 'namespace', names, synonyms: REFERENCE_SYNONYMS, noun: 'key' });
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
 * Makes a socket in the target's namespace, with its options set and bound to its interface.
 *
 * @returns a file descriptor, which the caller owns
 */
export function openTargetSocket(
  target: ResolvedTarget,
  family: OpenSocketOptions['family'],
  type: OpenSocketOptions['type'],
): number {
  return openSocket({ ...target.socketOptions, namespace: target.namespace, family, type });
}
