import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import type { VrfTarget } from '../target/target.js';

/** The variables that say where a program is to connect from. */
export const VARIABLES = ['VRF', 'NETNS', 'VRF_INTERFACE'] as const;

/** What the variables say; one that is not set is not there. */
export type Environment = Readonly<Partial<Record<(typeof VARIABLES)[number], string>>>;

/** The variables of {@link VARIABLES}, for threads whose environment may be another. */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const found: Partial<Record<(typeof VARIABLES)[number], string>> = {};
  for (const name of VARIABLES) {
    const value = env[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/**
 * The target that the environment names.
 *
 * @throws InvalidOptionError if it names none, or two
 */
export function targetOf(environment: Environment): VrfTarget {
  const { VRF, NETNS, VRF_INTERFACE } = environment;
  for (const name of VARIABLES)
    if (environment[name] === '')
      throw new InvalidOptionError(
        name,
        `${name} is empty: unset it, or set it, for example ${name}=${EXAMPLES[name]}`,
      );
  if (VRF !== undefined && NETNS !== undefined)
    throw new InvalidOptionError(
      'VRF',
      `both VRF (${shown(VRF)}) and NETNS (${shown(NETNS)}) are set: unset one. VRF=red is the namespace ns-red, NETNS=red is the namespace red`,
    );
  const target: VrfTarget = {};
  if (VRF !== undefined) target.vrf = VRF;
  if (NETNS !== undefined) target.namespace = NETNS.includes('/') ? { path: NETNS } : NETNS;
  if (VRF_INTERFACE !== undefined) target.interface = VRF_INTERFACE;
  if (Object.keys(target).length === 0)
    throw new InvalidOptionError(
      'VRF',
      'vrf-dial/register is not told where the program is to connect from: set VRF=<vrf>, NETNS=<name or path of a namespace> or VRF_INTERFACE=<device>, for example VRF=red node --import vrf-dial/register app.js',
    );
  return target;
}

const EXAMPLES: Readonly<Record<(typeof VARIABLES)[number], string>> = {
  VRF: 'red',
  NETNS: 'ns-red',
  VRF_INTERFACE: 'eth0',
};
