import { listNamed, type NamespaceRef, vrfToNetns } from 'netns-core';
import { escaped } from 'netns-core/checks';
import type { VrfTarget } from 'vrf-dial/node';
import type { TargetFlags } from './commands/target-options.js';
import { usage } from './failure.js';

/** Where a command works. */
export type Target = Pick<VrfTarget, 'vrf' | 'namespace' | 'interface'>;

/**
 * The target of a command, and its remaining arguments. Without an option that names a target the first argument is the
 * name of a VRF: a command never works in the current namespace unless that is said.
 *
 * @param names what the arguments after the VRF are called
 * @param more whether any number of arguments may follow
 */
export async function takeTarget(
  flags: TargetFlags,
  args: readonly string[],
  names: readonly string[],
  more = false,
): Promise<{ target: Target; rest: string[] }> {
  const rest = [...args];
  const given = targetOf(flags);
  const target: Target = given ?? { vrf: rest.shift() };
  const missing = names[rest.length];
  if (given === undefined && target.vrf !== undefined && missing === undefined) await checkVrfName(target.vrf);
  if (given === undefined && target.vrf === undefined)
    throw usage(
      `expected ${['a VRF', ...names].join(', ')}: the VRF is the first argument, or given by --vrf, --namespace or --interface`,
    );
  if (missing !== undefined)
    throw usage(
      given === undefined
        ? `the argument ${missing} is missing: the first argument, '${escaped(target.vrf ?? '')}', is the VRF, unless --vrf, --namespace or --interface is given`
        : `the argument ${missing} is missing`,
    );
  const extra = rest[names.length];
  if (!more && extra !== undefined) {
    const hint = given === undefined ? '' : ': with --vrf, --namespace or --interface no VRF comes before the others';
    throw usage(`unexpected argument '${escaped(extra)}'${hint}`);
  }
  return { target, rest };
}

/** Tells of a namespace or a device that has the name of a VRF that is not there. */
async function checkVrfName(vrf: string): Promise<void> {
  const namespace = vrfToNetns(vrf);
  const named = listNamed();
  if (namespace === vrf || named.includes(namespace)) return;
  const name = escaped(vrf);
  if (named.includes(vrf))
    throw usage(
      `there is no VRF '${name}' (namespace ns-${name}), but a namespace of this name: give --namespace ${name}`,
    );
  const { listVrfs } = await import('vrf-dial/node');
  if (listVrfs().some(({ name: other, kind }) => kind === 'device' && other === vrf))
    throw usage(`there is no namespace ns-${name}, but a VRF device of this name: give --interface ${name}`);
}

/** The target that options name; `undefined` if they name none. */
export function targetOf({ vrf, namespace, interface: device }: TargetFlags): Target | undefined {
  if (vrf === undefined && namespace === undefined && device === undefined) return undefined;
  if (vrf !== undefined && namespace !== undefined) throw usage('give --vrf or --namespace, not both');
  const bound = device === undefined ? {} : { interface: device };
  if (vrf !== undefined) return { vrf, ...bound };
  return { namespace: referenceOf(namespace ?? ''), ...bound };
}

/** `pid_t` is an int. */
const MAX_PID = 2_147_483_647;

/** A namespace as the command line names it. */
function referenceOf(text: string): NamespaceRef {
  if (text.startsWith('pid:')) {
    const pid = Number(text.slice('pid:'.length));
    if (!/^pid:\d+$/.test(text) || pid < 1 || pid > MAX_PID)
      throw usage(`'${escaped(text)}' is not a process: expected pid: and a number from 1 to ${MAX_PID}`);
    return { pid };
  }
  return text.includes('/') ? { path: text } : text;
}

/** The namespace of a target, for what has no sockets to bind to a device. */
export function namespaceOf(target: Target, command: string): NamespaceRef {
  if (target.interface !== undefined)
    throw usage(`vrf ${command} works in a namespace and cannot be bound to a device: leave out --interface`);
  return namespaceRefOf(target);
}

/** The namespace that a target is, or that its device is in. */
export function namespaceRefOf({ vrf, namespace = '' }: Target): NamespaceRef {
  return vrf !== undefined ? { vrf } : namespace;
}

/** A target as output names it. */
export function describeTarget({ vrf, namespace, interface: device }: Target): string {
  const place =
    vrf !== undefined
      ? `VRF ${escaped(vrf)}`
      : namespace === ''
        ? 'the current namespace'
        : `namespace ${escaped(typeof namespace === 'string' ? namespace : describeReference(namespace))}`;
  return device === undefined ? place : `${place}, device ${escaped(device)}`;
}

function describeReference(reference: unknown): string {
  if (typeof reference !== 'object' || reference === null) return String(reference);
  if ('path' in reference) return String(reference.path);
  return 'pid' in reference ? `pid:${String(reference.pid)}` : String(reference);
}
