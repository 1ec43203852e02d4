import { NetnsError } from 'netns-core';

/**
 * A query of a {@link VrfResolver} failed. `code` and `syscall` are those of `dns.promises.Resolver`: `ENOTFOUND` where
 * the name does not exist, `ENODATA` where it has no record of the type, `ETIMEOUT`, `ECONNREFUSED`, `ESERVFAIL`,
 * `EREFUSED` and others where no server gave an answer, `ECANCELLED` after `cancel()`, `EBADNAME` for what cannot be a
 * name. Where a server's TLS failed it is the code of that (`ERR_TLS_CERT_ALTNAME_INVALID`, `SELF_SIGNED_CERT_IN_CHAIN`, …).
 * The message says what each server failed with; where it was TLS or HTTP, `cause` is Node's error, or an AggregateError
 * of those of several servers.
 */
export class DnsQueryError extends NetnsError {
  override name = 'DnsQueryError';
  /** The name or address as it was given. */
  readonly hostname: string;
  /** The servers that were asked, as they were written; none where none was. */
  readonly servers: readonly string[];

  constructor(
    code: string,
    syscall: string,
    hostname: string,
    reason: string,
    details: { servers?: readonly string[]; cause?: unknown } = {},
  ) {
    super(`${syscall} ${code} ${hostname}: ${reason}`, { code, syscall, cause: details.cause });
    this.hostname = hostname;
    this.servers = details.servers ?? [];
  }
}
