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

/** Arguments that are not understood. */
export function usage(message: string): Failure {
  return new Failure(message, USAGE_EXIT_CODE);
}
