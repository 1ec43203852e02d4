import { InvalidArgumentError, Option } from 'commander';
import { escaped } from 'netns-core/checks';
import { usage } from './failure.js';

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

/** The argument of a TCP or UDP port. */
export function portOf(text: string, min: 0 | 1): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < min || port > 65_535)
    throw usage(`'${escaped(text)}' is not a port: expected a number from ${min} to 65535`);
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
