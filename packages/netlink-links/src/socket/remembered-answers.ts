import type { Request } from '../operation/request.js';
import type { Outcome } from './answers.js';

/** The answers of one connection that it does not ask for twice. */
export class RememberedAnswers {
  readonly #outcomes = new Map<string, Outcome>();

  /** The answer to a request, if it is known. */
  recall(request: Request<unknown>): Outcome | undefined {
    if (request.answer !== 'one' || request.remember === undefined || request.remember.anew) return undefined;
    return this.#outcomes.get(request.remember.key);
  }

  /** Keeps an answer that is to be kept; forgets what is not true any more. */
  keep(request: Request<unknown>, outcome: Outcome | undefined): void {
    if (request.answer !== 'one' || request.remember === undefined) return;
    if (outcome?.status === 'answered') this.#outcomes.set(request.remember.key, outcome);
    else this.#outcomes.delete(request.remember.key);
  }
}
