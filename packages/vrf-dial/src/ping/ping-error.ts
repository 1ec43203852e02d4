import { NetnsError } from 'netns-core';

/**
 * One request of a ping came to nothing. `code` is `'ETIMEDOUT'` if no reply came in time, otherwise the kernel's:
 * `'EHOSTUNREACH'`, `'ENETUNREACH'`, `'EMSGSIZE'`, `'EPERM'`, …; `errno` is negative, as in Node's own errors of sockets.
 */
export class PingError extends NetnsError {
  override name = 'PingError';
  /** The address that the request was for. */
  readonly address: string;
  readonly sequence: number;
  /** The router or host that reported the error by ICMP. */
  readonly reportedBy: string | undefined;
  /** Type and code of the ICMP message. */
  readonly icmp: { readonly type: number; readonly code: number } | undefined;

  constructor(
    message: string,
    details: {
      code: string;
      errno?: number;
      syscall?: string;
      address: string;
      sequence: number;
      reportedBy?: string | undefined;
      icmp?: { readonly type: number; readonly code: number } | undefined;
    },
  ) {
    const { address, sequence, reportedBy, icmp, ...rest } = details;
    super(message, rest);
    this.address = address;
    this.sequence = sequence;
    this.reportedBy = reportedBy;
    this.icmp = icmp;
  }
}
