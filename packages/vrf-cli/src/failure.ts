/** What a command ends with besides an error of the packages: a message for the user, and an exit code. */
export class Failure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Failure';
    this.exitCode = exitCode;
  }
}

/** The exit code for arguments that are not understood. */
export const USAGE_EXIT_CODE = 2;

/** The exit code of monitoring plugins for what could not be checked. */
export const UNKNOWN_EXIT_CODE = 3;

/** The codes of the packages for values that cannot be right. */
const USAGE_CODES: ReadonlySet<unknown> = new Set(['ERR_INVALID_ARGUMENT', 'ERR_INVALID_NAME']);

/** Arguments that are not understood. */
export function usage(message: string, options?: ErrorOptions): Failure {
  return new Failure(message, USAGE_EXIT_CODE, options);
}

/** Whether an error is about the arguments: found by the command, or by the package that got the value. */
export function isUsage(error: unknown): boolean {
  if (error instanceof Failure) return error.exitCode === USAGE_EXIT_CODE;
  return error instanceof Error && USAGE_CODES.has((error as { code?: unknown }).code);
}
