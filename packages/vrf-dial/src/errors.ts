import { NetnsError, type NetnsErrorDetails } from 'netns-core';

/** An option that cannot be right, found before anything was opened. `option` is its name. */
export class InvalidOptionError extends NetnsError {
  override name = 'InvalidOptionError';
  /** The option's name as the caller wrote it, `'tos'`. */
  readonly option: string;

  constructor(option: string, message: string, details: Partial<NetnsErrorDetails> = {}) {
    super(message, { code: 'ERR_INVALID_OPTION', ...details });
    this.option = option;
  }
}
