/** Values that a script has set with `::set-output` lines, by name. */
export type Output = Readonly<Record<string, unknown>>;

const LINE = /::set-output name=([A-Za-z0-9_][A-Za-z0-9_.-]*)(?:[ \t]+type=([A-Za-z]+))?::(.*)/;

/**
 * Reads the `::set-output name=<name>[ type=<type>]::<value>` lines of a text. The type is `int` (or `i`), `json` (or
 * `j`) or `string`, which is also what a line without one has. An integer beyond 2^53 is a bigint. A value that is not what its type says is left out:
 * scripts print these lines for programs, and a program must not take text for a number. The last line of a name wins.
 */
export function parseOutput(text: string): Output {
  // Not an object literal: a script may well call something `__proto__`.
  const output: Record<string, unknown> = Object.create(null);
  for (const line of text.split(/\r?\n/)) {
    const match = LINE.exec(line);
    if (match === null) continue;
    const [, name = '', type = 'string', value = ''] = match;
    switch (type.toLowerCase()) {
      case 'int':
      case 'i':
        if (/^[+-]?\d+$/.test(value.trim())) output[name] = integer(value.trim());
        break;
      case 'json':
      case 'j':
        try {
          output[name] = JSON.parse(value);
        } catch {
          // Not JSON, whatever it says.
        }
        break;
      default:
        output[name] = value;
    }
  }
  return output;
}

function integer(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text.replace(/^\+/, ''));
}
