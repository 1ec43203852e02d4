/** A template that cannot be read, or cannot be executed with the data given. The message names the line. */
export class TemplateError extends Error {
  override name = 'TemplateError';
  readonly code = 'ERR_TEMPLATE';
  /** The line of the template, counted from 1. */
  readonly line: number;

  constructor(message: string, line: number, cause?: unknown) {
    super(`template, line ${line}: ${message}`, cause === undefined ? undefined : { cause });
    this.line = line;
  }
}
