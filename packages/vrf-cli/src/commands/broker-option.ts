import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { usage } from '../failure.js';

/** Why these commands cannot get along with what a broker gives: sockets. */
const WITHOUT_BROKER: Readonly<Record<string, string>> = {
  exec: 'it runs a program inside the namespace, which takes CAP_SYS_ADMIN',
  watch: 'it needs none, since it enters no namespace',
  map: 'it compares and enters namespaces, which takes CAP_SYS_ADMIN; vrf list can',
};

const FLAGS = '--broker <socket>';

/** Adds the option that names a broker; those commands that cannot work through one know it to say so. */
export function addBrokerOption(command: Command): void {
  const option = new Option(FLAGS, 'get sockets from the broker at this path (default: that of NETNS_BROKER)');
  command.addOption(command.name() in WITHOUT_BROKER ? option.hideHelp() : option);
}

/** Has the sockets of a command made by the broker that it was given. */
export async function useBroker(command: Command): Promise<void> {
  const { broker } = command.opts<{ broker?: string }>();
  const reason = WITHOUT_BROKER[command.name()];
  if (broker === undefined && (reason === undefined || !process.env.NETNS_BROKER)) return;
  if (broker === '') throw usage('--broker is empty: give the path of its socket');
  if (broker !== undefined && reason !== undefined)
    throw usage(`vrf ${command.name()} does not work through a broker: ${reason}`);
  const { connectBroker, hopSource, useSocketSource } = await import('netns-core');
  // In spite of NETNS_BROKER such a command does what its user may do.
  useSocketSource(broker === undefined ? hopSource : connectBroker(resolve(broker)));
}
