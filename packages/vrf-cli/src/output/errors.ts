import { escaped } from 'netns-core/checks';

/** An error as JSON output shows it. */
export interface ErrorReport {
  readonly code: string | undefined;
  readonly message: string;
}

/** The message of an error on one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message || codeOf(error) || error.name : String(error);
  return escaped(text.trim().replaceAll(/\s*\n\s*/g, ' '), 2000);
}

export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

export function reportOf(error: unknown): ErrorReport {
  const cause = error instanceof Error ? error.cause : undefined;
  return { code: codeOf(error) ?? codeOf(cause), message: messageOf(error) };
}

/** An error with its stack and its causes, for `--debug`. */
export function debugText(error: unknown): string {
  const lines: string[] = [];
  for (let current: unknown = error, depth = 0; current !== undefined && depth < 10; depth += 1) {
    const text = current instanceof Error ? (current.stack ?? current.message) : String(current);
    lines.push(`${depth === 0 ? '' : 'caused by: '}${text}`);
    current = current instanceof Error ? current.cause : undefined;
  }
  return lines.join('\n');
}
