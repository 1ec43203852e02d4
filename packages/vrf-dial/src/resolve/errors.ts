import { NetnsError } from 'netns-core';
import type { ResolverConfiguration } from './configuration.js';
import type { ResolverContext } from './context.js';
import type { WantedFamily } from './families.js';
import { causeOf, describeFailures, failedServers, type ServerFailure } from './server-failures.js';

/**
 * A host name could not be resolved in its network. `code` is what `dns.lookup` gives: `'ENOTFOUND'` where the name
 * does not exist or has no address of the wanted family, `'EAI_AGAIN'` where no server gave an answer, and
 * `'EAI_ADDRFAMILY'` for an IP address of the other family. Where the TLS or HTTP of a server failed, `cause` is Node's
 * error, or an AggregateError of those of several servers.
 */
export class NameResolutionError extends NetnsError {
  override name = 'NameResolutionError';
  /** The name as it was given. */
  readonly hostname: string;
  /** The servers that were asked, as they were written; none where none was. */
  readonly servers: readonly string[];

  constructor(
    code: 'ENOTFOUND' | 'EAI_AGAIN' | 'EAI_ADDRFAMILY',
    hostname: string,
    reason: string,
    details: { servers?: readonly string[]; cause?: unknown } = {},
  ) {
    super(`getaddrinfo ${code} ${hostname}: ${reason}`, { code, syscall: 'getaddrinfo', cause: details.cause });
    this.hostname = hostname;
    this.servers = details.servers ?? [];
  }
}

/** The hosts file does not have the name, and no server is asked. */
export function notInHosts(hostname: string, { label }: ResolverContext, why: string): NameResolutionError {
  return new NameResolutionError('ENOTFOUND', hostname, `the hosts file of ${label} has no such name, and ${why}`);
}

/** The servers know the name not at all, or have no address for it. */
export function notInDns(
  hostname: string,
  { label }: ResolverContext,
  configuration: ResolverConfiguration,
  { family, cached }: { family: WantedFamily; cached: boolean },
): NameResolutionError {
  const servers = configuration.servers.map(({ text }) => text);
  const what =
    family === 0 ? 'no such name, or no address for it,' : `no such name, or no IPv${family} address for it,`;
  const asked = `${cached ? 'so said' : 'asked'} ${servers.join(', ')}, from ${configuration.serversFrom}`;
  return new NameResolutionError('ENOTFOUND', hostname, `${what} in ${label} (${asked})`, { servers });
}

/** No server gave an answer. */
export function noAnswer(
  hostname: string,
  context: ResolverContext,
  configuration: ResolverConfiguration,
  failures: readonly ServerFailure[],
): NameResolutionError {
  return new NameResolutionError('EAI_AGAIN', hostname, describeNoAnswer(context, configuration, failures), {
    servers: failedServers(failures),
    cause: causeOf(failures),
  });
}

/** What each server failed with, and where else servers can be named. */
export function describeNoAnswer(
  { label, etcName }: ResolverContext,
  { serversFrom }: ResolverConfiguration,
  failures: readonly ServerFailure[],
): string {
  const hint =
    etcName !== undefined && serversFrom === '/etc/resolv.conf'
      ? `; these servers are the host's own: /etc/netns/${etcName}/resolv.conf can name others for this namespace`
      : '';
  return `no name server gave an answer in ${label} (${describeFailures(failures)}; from ${serversFrom}${hint})`;
}
