import { normaliseName } from 'netns-core/etc';
import { askServers, type Verdict } from './ask-servers.js';
import type { Asking } from './asking.js';
import { followAliases } from './follow-aliases.js';
import type { DnsRecord, Question } from './message.js';
import type { ServerFailure } from './server-failures.js';

/** Aliases that are followed across responses; each response may hold a chain of its own. */
const MAX_ALIASES = 8;

/** What the servers said of one question. */
export type Finding =
  | {
      readonly kind: 'records';
      readonly records: readonly DnsRecord[];
      /** In seconds: of the record or alias that lives shortest. */
      readonly ttl: number;
      readonly network: string | undefined;
    }
  | {
      readonly kind: 'none';
      /** The name does not exist, for any type. */
      readonly nonexistent: boolean;
      /** For how many seconds that may be believed; 0 if nothing was said. */
      readonly ttl: number;
      /** The network that the answer came from; `undefined` if parts of it came from two, so that it belongs to none. */
      readonly network: string | undefined;
    }
  | {
      readonly kind: 'failed';
      readonly failures: readonly ServerFailure[];
      /** A server was reached and would or could not answer; all others were not reached. */
      readonly refused: boolean;
    };

/** Asks all questions at the same time. */
export function answerQuestions(asking: Asking, questions: readonly Question[]): Promise<Finding>[] {
  const verdicts = askServers(asking, questions);
  return questions.map((question, index) => answer(asking, question, verdicts[index]));
}

/** Reads the servers' verdict on a question, and asks on where it ends in an alias. */
async function answer(asking: Asking, question: Question, started: Promise<Verdict> | undefined): Promise<Finding> {
  let verdict = await started;
  let asked = question;
  let ttl = Number.POSITIVE_INFINITY;
  let network: string | undefined;
  for (let aliases = 0; verdict !== undefined; aliases += 1) {
    if (!('response' in verdict)) return { kind: 'failed', ...verdict };
    network = aliases === 0 || network === verdict.network ? verdict.network : undefined;
    const reading = followAliases(verdict.response, asked);
    ttl = Math.min(ttl, reading.ttl);
    if (reading.kind !== 'alias') return { ...reading, ttl, network };
    // Nothing but a name that can be asked for is followed.
    const target = normaliseName(reading.target);
    if (aliases === MAX_ALIASES || target === undefined) break;
    asked = { name: target, type: question.type };
    verdict = await askServers(asking, [asked])[0];
  }
  return { kind: 'none', nonexistent: false, ttl: 0, network: undefined };
}
