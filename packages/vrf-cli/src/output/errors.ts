import { escaped } from 'netns-core/checks';

/** An error as JSON output shows it. */
export interface ErrorReport {
  readonly code: string | undefined;
  readonly message: string;
}

/** What the options of the packages are called where the user wrote them. */
export type OptionWords = Readonly<Record<string, string>>;

const COMMAND_LINE: OptionWords = {
  vrf: '--vrf',
  namespace: '--namespace',
  interface: '--interface',
  host: '--host',
  'dns.servers': '--server',
  'dns.timeout': '--timeout',
};

/**
 * The message of an error on one line.
 *
 * @param words where the options were not given on the command line
 */
export function messageOf(error: unknown, words: OptionWords = COMMAND_LINE): string {
  const text = error instanceof Error ? inWords(error, words) || codeOf(error) || error.name : String(error);
  return escaped(text.trim().replaceAll(/\s*\n\s*/g, ' '), 2000);
}

/** The packages speak of the options of their functions. */
function inWords(error: Error, words: OptionWords): string {
  const { option } = error as { option?: unknown };
  const word = typeof option === 'string' ? words[option] : undefined;
  const text = word === undefined ? error.message : error.message.replace(String(option), word);
  return text
    .replace("say namespace: ''", `give ${words.namespace ?? 'namespace'} ''`)
    .replace('; from dns.servers)', `; from ${words['dns.servers'] ?? 'dns.servers'})`)
    .replace(', from dns.servers)', `, from ${words['dns.servers'] ?? 'dns.servers'})`);
}

export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

export function reportOf(error: unknown): ErrorReport {
  const cause = error instanceof Error ? error.cause : undefined;
  return { code: codeOf(error) ?? codeOf(cause), message: messageOf(error) };
}

/** An error with its stack and its causes, for `--debug`. */
export function debugText(error: unknown): string {
  const lines: string[] = [];
  for (let current: unknown = error, depth = 0; current !== undefined && depth < 10; depth += 1) {
    const text = current instanceof Error ? (current.stack ?? current.message) : String(current);
    lines.push(`${depth === 0 ? '' : 'caused by: '}${text}`);
    current = current instanceof Error ? current.cause : undefined;
  }
  return lines.join('\n');
}
