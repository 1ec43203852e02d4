/** The code of an error, `'EADDRINUSE'`; empty where it has none. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? '';
}
