import { NetnsError } from 'netns-core';

/** A template that cannot be read, or cannot be carried out with the data given. The message names the line. */
export class TemplateError extends NetnsError {
  override name = 'TemplateError';
  /** The line of the template, counted from 1. */
  readonly line: number;

  constructor(message: string, line: number, cause?: unknown) {
    super(`template, line ${line}: ${message}`, { code: 'ERR_TEMPLATE', cause });
    this.line = line;
  }
}
