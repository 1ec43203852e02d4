import { typeName } from './record-types.js';

/** That one server gave no answer to one question. */
export interface ServerFailure {
  /** The server as it was written. */
  readonly server: string;
  /** What was asked for. */
  readonly type: number;
  /** `no answer within 5 s`, `SERVFAIL`, `ECONNREFUSED`. */
  readonly reason: string;
  /** As an error code: `ETIMEOUT`, `ESERVFAIL`, `ECONNREFUSED`. */
  readonly code: string;
  /** What Node's TLS or HTTP said, which tells more than the code. */
  readonly cause?: Error | undefined;
}

/** The servers in the order in which they failed. */
export function failedServers(failures: readonly ServerFailure[]): readonly string[] {
  return [...new Set(failures.map(({ server }) => server))];
}

/** What Node's TLS and HTTP said of servers: the error, or an AggregateError where there are several. */
export function causeOf(failures: readonly ServerFailure[]): Error | undefined {
  // A server fails with the same for each question.
  const causes = new Map<string, Error>();
  for (const { server, code, cause } of failures) if (cause !== undefined) causes.set(`${server} ${code}`, cause);
  const [first, ...others] = causes.values();
  return others.length === 0 ? first : new AggregateError(causes.values(), describeFailures(failures));
}

/**
 * Everything that servers failed with, server by server: `192.0.2.53: SERVFAIL; 192.0.2.54: REFUSED for A, no answer
 * within 5 s for AAAA`.
 */
export function describeFailures(failures: readonly ServerFailure[]): string {
  const asked = new Set(failures.map(({ type }) => type));
  return failedServers(failures)
    .map((server) => {
      const types = new Map<string, Set<number>>();
      for (const { type, reason } of failures.filter((failure) => failure.server === server))
        types.set(reason, (types.get(reason) ?? new Set()).add(type));
      const reasons = [...types].map(([reason, of]) =>
        of.size === asked.size ? reason : `${reason} for ${[...of].map(typeName).join(' and ')}`,
      );
      return `${server}: ${reasons.join(', ')}`;
    })
    .join('; ');
}
