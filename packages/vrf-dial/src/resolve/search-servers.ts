import { answerQuestions, type Finding } from './answer-question.js';
import type { Asking } from './asking.js';
import type { ResolvedAddress } from './context.js';
import { askedFamilies, recordType, type WantedFamily } from './families.js';
import type { DnsRecord, Question } from './message.js';
import { TYPE_A } from './record-types.js';
import type { ServerFailure } from './server-failures.js';

/** What the servers said of all names that a host name may stand for. */
export type SearchOutcome =
  | { readonly kind: 'addresses'; readonly addresses: readonly ResolvedAddress[] }
  | { readonly kind: 'none' }
  | {
      readonly kind: 'failed';
      readonly failures: readonly ServerFailure[];
      /** A server was reached and would or could not answer. */
      readonly refused: boolean;
    };

/**
 * Asks the servers for one name after the other until one has addresses. Which of several failures counts is as with
 * `__res_context_search` of glibc: that of the name as it was given if it was tried first; otherwise it is enough that
 * one of the names exists, without an address, for the answer to be that there is none.
 *
 * @param names in the order in which they are tried
 * @param given whether the first of them is the name as it was given
 * @param onFinding is told of each answer as soon as it is there
 */
export async function searchServers(
  asking: Asking,
  names: readonly string[],
  given: boolean,
  family: WantedFamily,
  onFinding: (question: Question, finding: Finding) => void,
): Promise<SearchOutcome> {
  const asked = askedFamilies(family, asking.configuration.noAaaa);
  const failures: ServerFailure[] = [];
  let refused = false;
  let exists = false;
  let decided: SearchOutcome['kind'] | undefined;
  for (const name of names) {
    const questions = asked.map((of) => ({ name, type: recordType(of) }));
    const findings = await Promise.all(
      answerQuestions(asking, questions).map(async (pending, index) => {
        const finding = await pending;
        const question = questions[index];
        if (question !== undefined) onFinding(question, finding);
        return finding;
      }),
    );
    const addresses = findings.flatMap((finding) => (finding.kind === 'records' ? addressesOf(finding) : []));
    const wanted = addresses.filter((entry) => family === 0 || entry.family === family);
    if (wanted.length > 0) return { kind: 'addresses', addresses: wanted };
    const outcome = judge(findings);
    if (given) decided ??= outcome;
    if (outcome === 'none') exists ||= !findings.some((finding) => finding.kind === 'none' && finding.nonexistent);
    if (outcome === 'none') continue;
    const failed = findings.filter((finding) => finding.kind === 'failed');
    failures.push(...failed.flatMap((finding) => finding.failures));
    refused = failed.some((finding) => finding.refused);
    // Where no server was reached for this name, none will be for the next.
    if (!refused) break;
  }
  decided ??= failures.length === 0 || exists ? 'none' : 'failed';
  return decided === 'failed' ? { kind: 'failed', failures, refused } : { kind: 'none' };
}

/** One family that could not be asked for leaves open whether there are addresses, unless the name does not exist. */
function judge(findings: readonly Finding[]): 'none' | 'failed' {
  if (findings.some((finding) => finding.kind === 'none' && finding.nonexistent)) return 'none';
  return findings.some(({ kind }) => kind === 'failed') ? 'failed' : 'none';
}

/** The addresses in A and AAAA records. */
export function addressesOf({
  records,
  ttl,
}: {
  readonly records: readonly DnsRecord[];
  readonly ttl: number;
}): readonly ResolvedAddress[] {
  const addresses = new Map<string, ResolvedAddress>();
  for (const record of records)
    if ('address' in record)
      addresses.set(record.address, { address: record.address, family: record.type === TYPE_A ? 4 : 6, ttl });
  return [...addresses.values()];
}
