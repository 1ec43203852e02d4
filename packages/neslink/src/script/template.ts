import * as goTemplate from 'go-template';
import { NetnsError } from 'netns-core';

/** A template that cannot be read, or cannot be executed with the data given. The message names the line. */
export class TemplateError extends NetnsError {
  override name = 'TemplateError';
  /** The line of the template, counted from 1. */
  readonly line: number;

  constructor(message: string, line: number, cause?: unknown) {
    super(message, { code: 'ERR_TEMPLATE', cause });
    this.line = line;
  }
}

/**
 * Fills in a template in the syntax of Go's `text/template`; what Go would print differently is refused (see the
 * package `go-template`).
 *
 * @throws TemplateError naming the line
 */
export function renderTemplate(source: string, data: unknown): string {
  try {
    return new goTemplate.Template(source).execute(data);
  } catch (error) {
    if (error instanceof goTemplate.TemplateError) throw new TemplateError(error.message, error.line, error);
    throw error;
  }
}
