import { NetnsError } from 'netns-core';
import { shown } from 'netns-core/checks';
import type { ActionContext } from '../action-context.js';
import { within } from '../exec-actions.js';
import { localEnvironment } from '../script/environment.js';
import { execute, type Result } from '../script/index.js';

/** How `ovs-vsctl` is run. */
export interface OvsOptions {
  /** The program. Default `ovs-vsctl`, looked up in `PATH`. */
  program?: string;
  /** The database: `unix:/run/openvswitch/db.sock`, `tcp:…`. Default: ovs-vsctl's own. */
  db?: string;
  /** Seconds that the database and the switch may take. Default 10. */
  timeout?: number;
  /** Does not wait until the switch has carried it out: the database alone is changed. */
  noWait?: boolean;
}

/**
 * What ovs-vsctl would take for an option, or Open vSwitch for no name, does not get into a command.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 */
export function checkOvsName(name: string): string {
  if (name === '' || name.startsWith('-') || /[\s/:\0]/.test(name) || Buffer.byteLength(name) > 15)
    throw new NetnsError(
      `${shown(name)} cannot be the name of a bridge or port: 1 to 15 bytes without spaces, "/" and ":", not beginning with "-"`,
      { code: 'ERR_INVALID_ARGUMENT' },
    );
  return name;
}

/**
 * Runs `ovs-vsctl` in the namespace of the actions.
 *
 * @throws NetnsError with what it said, also when it says so and ends with 0, as it does when the switch refuses
 */
export async function ovsVsctl(context: ActionContext, options: OvsOptions, args: readonly string[]): Promise<Result> {
  const { program = 'ovs-vsctl', db, timeout = 10, noWait = false } = options;
  const command = [program, `--timeout=${timeout}`, ...(db === undefined ? [] : [`--db=${db}`])];
  if (noWait) command.push('--no-wait');
  const process = await execute([...command, ...args], localEnvironment(), {
    executor: within(context),
    // ovs-vsctl keeps to its own time, unless it hangs.
    timeout: (timeout + 5) * 1000,
  });
  const result = await process.result();
  const said = result.stderr.trim();
  if (result.exitCode !== 0 || said.includes('Error detected while setting up'))
    throw new NetnsError(
      `ovs-vsctl ${args.join(' ')} failed: ${said || (result.timedOut ? 'no answer' : `exit code ${result.exitCode}`)}`,
      { code: 'ERR_OVS_VSCTL' },
    );
  return result;
}
