import type { Command } from 'commander';

/** The options of {@link addTargetOptions}, as the parser gives them. */
export interface TargetFlags {
  readonly vrf?: string;
  readonly namespace?: string;
  readonly interface?: string;
}

/** Adds the options that say where a command works. */
export function addTargetOptions(command: Command): Command {
  return command
    .option('--vrf <name>', 'work in this VRF: the namespace ns-<name>')
    .option('--namespace <name>', 'work in this namespace: a name, a path, pid:<pid>, or "" for the current one')
    .option('--interface <name>', 'bind to this device of the namespace, a VRF device or another link');
}
