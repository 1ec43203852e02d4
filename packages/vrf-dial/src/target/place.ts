import { InvalidNameError, InvalidOptionError, type NamespaceRef, vrfToNetns } from 'netns-core';
import { checkInteger, checkKnownOptions, shown } from 'netns-core/checks';
import type { VrfTarget } from './target.js';

/** The namespace that the options of a target name. */
export interface Place {
  /** For `openSocket` and `resolveNamespace`; `''` is the namespace of the calling thread. */
  readonly namespace: NamespaceRef;
  /** How messages call it: `VRF 'red' (namespace 'ns-red')`. */
  readonly label: string;
  /**
   * The name and directory under which the namespace comes and goes. Not there for namespaces without a name, and for
   * `''` and `'default'`, which are not watched.
   */
  readonly watched: { readonly name: string; readonly dir: string | undefined } | undefined;
  /** The name in `/etc/netns/<name>`, if it has one. */
  readonly etcName: string | undefined;
}

/** Reads each option once: what was checked is what is used, also where a getter gives another value each time. */
export function placeOf(options: VrfTarget, callee: string): Place {
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

/** Directories whose files are named namespaces, so that a path into them is a name. */
const NAMED = /^\/(?:var\/)?run\/netns\/([^/]+)$/;

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
    throw new InvalidNameError(
      `invalid ${option}: ${shown(name)} cannot be the name of a network namespace: ${wrong}`,
      {
        code: 'ERR_INVALID_NAME',
      },
    );
}
