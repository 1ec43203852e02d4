import { NetnsError } from 'netns-core';

/** A provider could not give what it is for. `code` is the cause's. */
export class ProviderError extends NetnsError {
  override name = 'ProviderError';
  /** The provider's name. */
  readonly provider: string;

  /** @param what what it should have given: `'link'`, `'namespace'` */
  constructor(what: 'namespace' | 'link', provider: string, cause: unknown) {
    const { code } = (cause ?? {}) as { code?: unknown };
    super(`provider "${provider}" gives no ${what}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      code: typeof code === 'string' ? code : 'ERR_PROVIDER_FAILED',
      cause,
    });
    this.provider = provider;
  }
}
