import { InvalidArgumentError, Option } from 'commander';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** A duration as people write it, in milliseconds: `'1.5'` and `'1.5s'` are 1500, `'200ms'` is 200. */
export function durationOf(text: string): number | undefined {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  return number === undefined ? undefined : Math.round(Number(number) * (UNITS[unit] ?? 1));
}

function parseDuration(text: string): number {
  const milliseconds = durationOf(text);
  if (milliseconds === undefined)
    throw new InvalidArgumentError('expected a duration such as 5s, 200ms or 1.5 (seconds).');
  return milliseconds;
}

/** A TCP or UDP port. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('expected a port from 0 to 65535.');
  return port;
}

/** A whole number from `min` on. */
export function parseInteger(min: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < min)
      throw new InvalidArgumentError(`expected an integer from ${min} on.`);
    return number;
  };
}

/** Collects the values of an option that can be given several times. */
export function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

/** An option for a duration, with its default as people write it. */
export function durationOption(flags: string, description: string, byDefault?: string): Option {
  const option = new Option(flags, description).argParser(parseDuration);
  return byDefault === undefined ? option : option.default(parseDuration(byDefault), byDefault);
}
