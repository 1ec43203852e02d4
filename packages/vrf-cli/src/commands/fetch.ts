import type { Command } from 'commander';
import { collect, durationOption } from '../arguments.js';
import { deferred } from './deferred.js';
import { addFamilyOptions, type FamilyFlags } from './family.js';
import { addTargetOptions, type TargetFlags } from './target-options.js';
import { addTlsOptions, type TlsFlags } from './tls.js';

export interface FetchFlags extends TargetFlags, FamilyFlags, TlsFlags {
  readonly all?: boolean;
  readonly method?: string;
  readonly header?: readonly string[];
  readonly data?: string;
  readonly location?: boolean;
  readonly fail?: boolean;
  readonly silent?: boolean;
  readonly verbose?: boolean;
  readonly json?: boolean;
  readonly timeout: number;
}

export function addFetch(program: Command): void {
  addTlsOptions(addFamilyOptions(addTargetOptions(program.command('fetch'))))
    .description('send an HTTP request through a VRF, and tell how long each phase took')
    .argument('[vrf]', 'the VRF')
    .argument('[url]', 'an http or https URL')
    .option('--all', 'fetch through every VRF of the host, in parallel')
    .option('-X, --method <method>', 'the method (default: GET, or POST with --data)')
    .option('-H, --header <name: value>', 'a header of the request (repeatable)', collect)
    .option('-d, --data <text>', 'the body of the request; @file reads it from a file, @- from standard input')
    .option('-L, --location', 'follow redirects, in the same VRF')
    .option('-f, --fail', 'end with exit code 22 if the status is 400 or more')
    .option('-s, --silent', 'print nothing but the body')
    .option('-v, --verbose', 'tell of the connection, the headers and the time of each phase on standard error')
    .addOption(durationOption('--timeout <duration>', 'give up after this time', '30s'))
    .option('--json', 'print JSON: status, headers, body, timing')
    .addHelpText(
      'after',
      '\nExample:\n  $ vrf fetch red http://192.0.2.1:8080/ -v\n  $ vrf fetch --all https://192.0.2.1/ --insecure\n',
    )
    .action(deferred(async () => (await import('../actions/fetch.js')).run));
}
