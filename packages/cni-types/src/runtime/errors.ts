import { CniError } from '../cni-error.js';

/** No directory of the search path has an executable of that name. */
export class PluginNotFoundError extends CniError {
  override name = 'PluginNotFoundError';
}

/** The plugin printed something that is not what the specification wants. */
export class PluginOutputError extends CniError {
  override name = 'PluginOutputError';
}

/** The plugin ended without a word: no result, no error. */
export class PluginSilentError extends CniError {
  override name = 'PluginSilentError';
}

/** The plugin had not ended when its time was over, and was killed. */
export class PluginTimeoutError extends CniError {
  override name = 'PluginTimeoutError';
}

/** The plugin failed without an error document; what it said on its standard error is in the message. */
export class PluginFailedError extends CniError {
  override name = 'PluginFailedError';
}

/** The directory has no network of that name. */
export class NetworkNotFoundError extends CniError {
  override name = 'NetworkNotFoundError';
}

/** Nothing is known of the attachment: it was never added, or is deleted. */
export class NotAttachedError extends CniError {
  override name = 'NotAttachedError';
}

/** Several steps of one operation failed; each error is in `errors`. */
export class SeveralCniErrors extends CniError {
  override name = 'SeveralCniErrors';
  readonly errors: readonly Error[];

  constructor(msg: string, errors: readonly Error[]) {
    const code = errors.find((error): error is CniError => error instanceof CniError)?.code ?? 999;
    super({ code, msg, details: errors.map((error) => error.message).join('; ') });
    this.errors = errors;
  }
}
