import { isIP } from 'node:net';
import type { Command } from 'commander';
import { escaped } from 'netns-core/checks';
import { usage } from '../failure.js';

/** The options of {@link addFamilyOptions}, as the parser gives them. */
export interface FamilyFlags {
  readonly ipv4?: boolean;
  readonly ipv6?: boolean;
}

/** Adds the options that choose between the addresses of a host. */
export function addFamilyOptions(command: Command): Command {
  return command.option('-4, --ipv4', 'use IPv4 addresses only').option('-6, --ipv6', 'use IPv6 addresses only');
}

/** 4, 6, or 0 for both kinds of addresses. */
export function familyOf({ ipv4 = false, ipv6 = false }: FamilyFlags): 0 | 4 | 6 {
  if (ipv4 && ipv6) throw usage('give --ipv4 or --ipv6, not both');
  return ipv4 ? 4 : ipv6 ? 6 : 0;
}

/** @throws Failure where the host is an address of the other kind */
export function checkFamily(host: string, flags: FamilyFlags): void {
  const [wanted, found] = [familyOf(flags), isIP(host)];
  if (wanted !== 0 && found !== 0 && wanted !== found)
    throw usage(`--ipv${wanted} was given, but '${escaped(host)}' is an IPv${found} address`);
}
