import { NetnsError } from 'netns-core';

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function codeOf(cause: unknown, otherwise: string): string {
  const code = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : otherwise;
}

/** An action failed; those after it were not begun. `code` is the cause's. */
export class ActionError extends NetnsError {
  override name = 'ActionError';
  /** The action's place, counted from 1. */
  readonly position: number;
  /** The action's name. */
  readonly action: string;

  constructor(position: number, action: string, namespace: string, cause: unknown) {
    super(`action ${position} (${action}) failed in ${namespace}: ${messageOf(cause)}`, {
      code: codeOf(cause, 'ERR_ACTION_FAILED'),
      cause,
    });
    this.position = position;
    this.action = action;
  }
}
