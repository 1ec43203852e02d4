import { escaped } from 'netns-core/checks';

/** Prints a line on standard output. */
export function printLine(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** Prints a line on standard error: what is not the command's result. */
export function printNote(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Prints a value as JSON. */
export function printJson(value: unknown): void {
  printLine(JSON.stringify(value, asJson, 2));
}

/** Prints a value as one line of JSON, for output that goes on. */
export function printJsonLine(value: unknown): void {
  printLine(JSON.stringify(value, asJson));
}

/** JSON has no big integers and no Infinity. */
function asJson(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return value === Number.POSITIVE_INFINITY ? 'forever' : value;
}

/** Text from the kernel, a server or a user as it may stand on a terminal. */
export function safe(text: string): string {
  return escaped(text, 1000);
}
