import { NetnsError } from 'netns-core';

/**
 * A host name could not be resolved in its network. `code` is what `dns.lookup` gives: `'ENOTFOUND'` where the name
 * does not exist or has no address of the wanted family, `'EAI_AGAIN'` where no server gave an answer.
 */
export class NameResolutionError extends NetnsError {
  override name = 'NameResolutionError';
  /** The name as it was given. */
  readonly hostname: string;
  /** The servers that were asked, as they were written; none where none was. */
  readonly servers: readonly string[];

  constructor(
    code: 'ENOTFOUND' | 'EAI_AGAIN',
    hostname: string,
    reason: string,
    details: { servers?: readonly string[]; cause?: unknown } = {},
  ) {
    super(`getaddrinfo ${code} ${hostname}: ${reason}`, { code, syscall: 'getaddrinfo', cause: details.cause });
    this.hostname = hostname;
    this.servers = details.servers ?? [];
  }
}
