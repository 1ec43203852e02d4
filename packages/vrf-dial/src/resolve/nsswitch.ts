/** How a source of names can end (`nsswitch.conf(5)`). */
export type SourceStatus = 'SUCCESS' | 'NOTFOUND' | 'UNAVAIL' | 'TRYAGAIN';

/** A source of host names, and what each of its outcomes leads to. */
export interface NameSource {
  readonly service: 'files' | 'dns';
  /** The outcomes after which no further source is asked. */
  readonly returnsOn: ReadonlySet<SourceStatus>;
  /** Whether its addresses are given together with those of the next source (`[SUCCESS=merge]`). */
  readonly merges: boolean;
}

const STATUSES: readonly SourceStatus[] = ['SUCCESS', 'NOTFOUND', 'UNAVAIL', 'TRYAGAIN'];
const REACTIONS: ReadonlySet<string> = new Set(['return', 'continue', 'merge']);
const ON_SUCCESS: ReadonlySet<SourceStatus> = new Set(['SUCCESS']);

/** What applies where the file or its line is missing. */
export const DEFAULT_SOURCES: readonly NameSource[] = [
  { service: 'files', returnsOn: ON_SUCCESS, merges: false },
  { service: 'dns', returnsOn: ON_SUCCESS, merges: false },
];

/** A source while its line is read. */
interface Draft {
  readonly service: NameSource['service'];
  readonly returnsOn: Set<SourceStatus>;
  merges: boolean;
}

/**
 * Reads the line `hosts:` of an `nsswitch.conf(5)`. `files` and `dns` count in their order and with their actions.
 * systemd's `resolve` is both, for systemd-resolved looks into the hosts file before it asks servers. All other sources
 * (mDNS, LDAP, the machine's own name) answer from home or for it, so they are passed over.
 */
export function parseNsswitch(text: string): readonly NameSource[] {
  const line = /^[ \t]*hosts:([^\n#]*)/m.exec(text)?.[1];
  if (line === undefined) return DEFAULT_SOURCES;
  const sources: Draft[] = [];
  // The source that actions are for: none after a service that is passed over, or has been named before.
  let current: Draft | undefined;
  const add = (service: NameSource['service']): void => {
    const known = sources.some((source) => source.service === service);
    current = known ? undefined : { service, returnsOn: new Set(ON_SUCCESS), merges: false };
    if (current !== undefined) sources.push(current);
  };
  for (const token of tokens(line)) {
    if (token.startsWith('[')) {
      if (current !== undefined) for (const action of token.slice(1, -1).trim().split(/\s+/)) apply(action, current);
      continue;
    }
    current = undefined;
    if (token === 'files' || token === 'resolve') add('files');
    if (token === 'dns' || token === 'resolve') add('dns');
  }
  return sources;
}

/** Services and bracketed lists of actions. Each character is looked at once, whatever the line is. */
function* tokens(line: string): Generator<string> {
  const lastClosing = line.lastIndexOf(']');
  const end = /[\s[]/g;
  let at = 0;
  while (at < line.length) {
    if (line[at] === '[' && at < lastClosing) {
      const closing = line.indexOf(']', at) + 1;
      yield line.slice(at, closing);
      at = closing;
      continue;
    }
    end.lastIndex = at;
    const next = end.exec(line)?.index ?? line.length;
    if (next > at) yield line.slice(at, next);
    // Past the space, or a bracket that nothing closes.
    else at += 1;
    at = Math.max(at, next);
  }
}

/** `NOTFOUND=return`, `!UNAVAIL=return`, `SUCCESS=continue`, `SUCCESS=merge`. */
function apply(action: string, source: Draft): void {
  const [status = '', given = ''] = action.split('=');
  const negated = status.startsWith('!');
  const name = status.replace('!', '').toUpperCase();
  const reaction = given.toLowerCase();
  if (!STATUSES.some((known) => known === name) || !REACTIONS.has(reaction)) return;
  for (const known of STATUSES) {
    if ((known === name) === negated) continue;
    if (reaction === 'return') source.returnsOn.add(known);
    else source.returnsOn.delete(known);
    if (known === 'SUCCESS') source.merges = reaction === 'merge';
  }
}
