/**
 * `VRF=red node --import vrf-dial/register app.js`: an unchanged program connects from a VRF or network namespace. Loading
 * the module does it; it exports nothing.
 * @module
 */

import { syncBuiltinESMExports } from 'node:module';
import { getEnvironmentData, isMainThread } from 'node:worker_threads';
import { NetnsError } from 'netns-core';
import { sys } from 'netns-core/sys';
import { openTargetSocket } from '../socket/open-target-socket.js';
import { resolveTarget } from '../target/target.js';
import { PlacedConnections } from './connections.js';
import { type Environment, readEnvironment, targetOf } from './environment.js';
import { resolveNamesIn } from './names.js';
import { Refusal } from './refusal.js';
import { leaveNetworkOutOfReports, refuseBindings, refuseChildProcesses, refuseDatagrams } from './refused-modules.js';
import { REGISTERED, type Registered, registerInWorkers } from './workers.js';

/** Once per thread, whichever copy of the package does it. */
const DONE = Symbol.for('vrf-dial.register');
const holder = process as typeof process & { [DONE]?: string };

const told = isMainThread ? undefined : (getEnvironmentData(REGISTERED) as Registered | undefined);
if (told === undefined) register(readEnvironment(process.env));
else if ('environment' in told) register(told.environment);

function register(environment: Environment): void {
  const options = targetOf(environment);
  const target = resolveTarget(options, 'vrf-dial/register');
  if (holder[DONE] !== undefined) {
    if (holder[DONE] === target.label) return;
    throw new NetnsError(
      `vrf-dial/register is loaded twice, for ${holder[DONE]} and for ${target.label}: a process connects from one of them`,
      { code: 'ERR_INVALID_ARGUMENT' },
    );
  }
  // Whatever stands in the way is said before the program begins.
  sys().close(openTargetSocket(target, 'ipv4', 'stream'));
  holder[DONE] = target.label;
  const refusal = new Refusal(target.label, options);
  new PlacedConnections(target, refusal).install();
  resolveNamesIn(target, refusal);
  refuseDatagrams(refusal);
  refuseChildProcesses(refusal);
  refuseBindings(refusal);
  leaveNetworkOutOfReports();
  registerInWorkers(environment);
  // What ES modules have imported by name.
  syncBuiltinESMExports();
}
