import { checkKnownOptions, checkOptionsObject } from 'netns-core/checks';
import { Claim } from './claim.js';
import { Lab } from './lab.js';
import { planLab } from './plan.js';
import type { LabTopology } from './topology.js';

/** How a lab is built. */
export interface LabOptions {
  /**
   * What the names of its namespaces begin with. Of several labs at once each needs its own. Default: the first free
   * one of `lab-`, `lab2-`, …
   */
  readonly prefix?: string | undefined;
  /** Ends the building; the promise rejects with its reason, and nothing is left. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Builds a lab: a namespace for each node, a veth pair for each link, with their addresses, routes, limits and
 * services. Resolves once everything is up. What labs have left whose processes are gone is removed first.
 *
 * Nothing of it is left after `close()` (which `await using` calls), when the process ends (also by an exception,
 * Ctrl-C or SIGKILL), or when the building fails.
 *
 * @throws InvalidOptionError for a topology that cannot be; NetnsError naming the node and what could not be made
 */
export async function buildLab(topology: LabTopology, options: LabOptions = {}): Promise<Lab> {
  checkOptionsObject(options, 'buildLab');
  checkKnownOptions(options, { callee: 'buildLab', names: ['prefix', 'signal'], synonyms: { name: 'prefix' } });
  const plan = planLab(topology);
  options.signal?.throwIfAborted();
  const lab = new Lab(topology, plan, await Claim.take(options.prefix));
  try {
    await lab.build(options.signal);
    return lab;
  } catch (error) {
    await lab.close();
    throw error;
  }
}
