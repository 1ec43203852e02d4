import type { Command } from 'commander';
import { deferred } from './deferred.js';
import { addTargetOptions, type TargetFlags } from './target-options.js';

export interface ExecFlags extends TargetFlags {
  readonly etc: boolean;
}

export function addExec(program: Command): void {
  addTargetOptions(program.command('exec'))
    .description('run a program in a namespace, and end with its exit code; signals are forwarded')
    .argument('[vrf]', 'the VRF')
    .argument('[command...]', 'the program and its arguments')
    .passThroughOptions()
    .option('--no-etc', 'do not mount /sys and /etc/netns/<name>/* as ip netns exec does')
    .addHelpText('after', '\nExample:\n  $ vrf exec red ip route\n  $ vrf exec --namespace web -- ss -tln\n')
    .action(deferred(async () => (await import('../actions/exec.js')).run));
}
