/** How a source of names can end (`nsswitch.conf(5)`). */
export type SourceStatus = 'SUCCESS' | 'NOTFOUND' | 'UNAVAIL' | 'TRYAGAIN';

/** A source of host names and after which outcomes no further one is asked. */
export interface NameSource {
  readonly service: 'files' | 'dns';
  readonly returnsOn: ReadonlySet<SourceStatus>;
}

const STATUSES: readonly SourceStatus[] = ['SUCCESS', 'NOTFOUND', 'UNAVAIL', 'TRYAGAIN'];
const ON_SUCCESS: ReadonlySet<SourceStatus> = new Set(['SUCCESS']);

/** What applies where the file or its line is missing. */
export const DEFAULT_SOURCES: readonly NameSource[] = [
  { service: 'files', returnsOn: ON_SUCCESS },
  { service: 'dns', returnsOn: ON_SUCCESS },
];

/**
 * Reads the line `hosts:` of an `nsswitch.conf(5)`. `files` and `dns` count in their order and with their actions;
 * systemd's `resolve` is taken for `dns`. All other sources (mDNS, LDAP, the machine's own name) answer from home or
 * for it, so they are passed over.
 */
export function parseNsswitch(text: string): readonly NameSource[] {
  const line = /^[ \t]*hosts:([^\n#]*)/m.exec(text)?.[1];
  if (line === undefined) return DEFAULT_SOURCES;
  const sources: { service: 'files' | 'dns'; returnsOn: Set<SourceStatus> }[] = [];
  let current: { returnsOn: Set<SourceStatus> } | undefined;
  for (const token of tokens(line)) {
    if (token.startsWith('[')) {
      if (current !== undefined)
        for (const action of token.slice(1, -1).trim().split(/\s+/)) apply(action, current.returnsOn);
      continue;
    }
    const service = token === 'resolve' ? 'dns' : token;
    const known = service === 'files' || service === 'dns';
    current =
      known && !sources.some((source) => source.service === service) ? { returnsOn: new Set(ON_SUCCESS) } : undefined;
    if (current !== undefined && known) sources.push({ service, returnsOn: current.returnsOn });
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

/** `NOTFOUND=return`, `!UNAVAIL=return`, `SUCCESS=continue`. */
function apply(action: string, returnsOn: Set<SourceStatus>): void {
  const [status = '', reaction = ''] = action.split('=');
  const negated = status.startsWith('!');
  const name = status.replace('!', '').toUpperCase();
  if (!STATUSES.some((known) => known === name)) return;
  for (const known of STATUSES) {
    if ((known === name) === negated) continue;
    if (reaction.toLowerCase() === 'return') returnsOn.add(known);
    else returnsOn.delete(known);
  }
}
