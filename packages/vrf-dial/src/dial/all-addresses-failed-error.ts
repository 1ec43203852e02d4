import { NetnsError } from 'netns-core';

/**
 * No address of a host could be connected to. `errors` holds what each one failed with, in the order in which they
 * were tried; `code` is that of the first, the one that was preferred.
 */
export class AllAddressesFailedError extends NetnsError {
  override name = 'AllAddressesFailedError';
  readonly errors: readonly Error[];
  /** The addresses in the order in which they were tried. */
  readonly addresses: readonly string[];

  constructor(what: string, attempts: readonly { readonly address: string; readonly error: Error }[]) {
    const list = attempts.map(({ address, error }) => `${address}: ${codeOf(error) ?? error.message}`);
    super(`${what}: all ${attempts.length} addresses failed: ${list.join('; ')}`, {
      code: codeOf(attempts[0]?.error) ?? 'ECONNREFUSED',
      errno: (attempts[0]?.error as NodeJS.ErrnoException | undefined)?.errno,
      syscall: 'connect',
    });
    this.errors = attempts.map(({ error }) => error);
    this.addresses = attempts.map(({ address }) => address);
  }
}

function codeOf(error: Error | undefined): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}
