/** What a connection was wanted to. */
export interface Destination {
  readonly host: string;
  readonly port: number;
}

/** The classes of an error of ours are read from this property, so that one may have another class of JavaScript's. */
const BRAND = Symbol.for('netns-core.error');
const NAME = 'AllAddressesFailedError';

/**
 * No address of a host could be connected to: an `AggregateError`, as Node's own. `errors` holds what each one failed
 * with, in the order in which they were tried; `code` is that of the first, the one that was preferred.
 */
export class AllAddressesFailedError extends AggregateError {
  override name = NAME;
  declare readonly errors: Error[];
  readonly code: string;
  readonly errno?: number;
  readonly syscall = 'connect';
  readonly host?: string;
  readonly port?: number;
  /** The addresses in the order in which they were tried. */
  readonly addresses: readonly string[];

  constructor(
    what: string,
    attempts: readonly { readonly address: string; readonly error: Error }[],
    destination?: Destination,
  ) {
    const list = attempts.map(({ address, error }) => `${address}: ${codeOf(error) ?? error.message}`);
    super(
      attempts.map(({ error }) => error),
      `${what}: all ${attempts.length} addresses failed: ${list.join('; ')}`,
    );
    const first = attempts[0]?.error as NodeJS.ErrnoException | undefined;
    this.code = first?.code ?? 'ECONNREFUSED';
    if (first?.errno !== undefined) this.errno = first.errno;
    if (destination !== undefined) {
      this.host = destination.host;
      this.port = destination.port;
    }
    this.addresses = attempts.map(({ address }) => address);
    Object.defineProperty(this, BRAND, { value: [NAME, 'NetnsError'] });
  }

  /** As NetnsError does: one made by another copy of the package is an instance, too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false;
    const names = (value as { [BRAND]?: readonly string[] })[BRAND];
    return Array.isArray(names) && names.includes(NAME);
  }
}

function codeOf(error: Error | undefined): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}
