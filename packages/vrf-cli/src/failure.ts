import { EXIT_CODE } from './exit-codes.js';

/** What a command ends with besides an error of the packages: a message for the user, and an exit code. */
export class Failure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT_CODE.failure, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Failure';
    this.exitCode = exitCode;
  }
}

/** The codes of the packages for values that cannot be right. */
const USAGE_CODES: ReadonlySet<unknown> = new Set(['ERR_INVALID_ARGUMENT', 'ERR_INVALID_NAME']);

/** Arguments that are not understood. */
export function usage(message: string, options?: ErrorOptions): Failure {
  return new Failure(message, EXIT_CODE.usage, options);
}

/** Whether an error is about the arguments: found by the command, or by the package that got the value. */
export function isUsage(error: unknown): boolean {
  if (error instanceof Failure) return error.exitCode === EXIT_CODE.usage;
  return error instanceof Error && USAGE_CODES.has((error as { code?: unknown }).code);
}
