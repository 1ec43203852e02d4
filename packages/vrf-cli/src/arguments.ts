import { isIP } from 'node:net';
import { InvalidArgumentError, Option } from 'commander';
import { escaped } from 'netns-core/checks';
import { usage } from './failure.js';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** A duration as people write it, in milliseconds: `'1.5'` and `'1.5s'` are 1500, `'200ms'` is 200. */
export function durationOf(text: string): number | undefined {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  return number === undefined ? undefined : Math.round(Number(number) * (UNITS[unit] ?? 1));
}

/** The longest time of a timer, `2^31 - 1` ms. */
const MAX_DURATION_MS = 2_147_483_647;

function parseDuration(min: 0 | 1): (text: string) => number {
  return (text) => {
    const milliseconds = durationOf(text);
    if (milliseconds === undefined || milliseconds < min || milliseconds > MAX_DURATION_MS)
      throw new InvalidArgumentError(
        `expected a duration such as 5s, 200ms or 1.5 (seconds), from ${min} ms to ${MAX_DURATION_MS} ms.`,
      );
    return milliseconds;
  };
}

/** The argument of a TCP or UDP port. */
export function portOf(text: string, min: 0 | 1): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < min || port > 65_535)
    throw usage(`'${escaped(text)}' is not a port: expected a number from ${min} to 65535`);
  return port;
}

/** The argument of a host: an address, an IPv6 address with its zone, or a name. */
export function hostOf(text: string): string {
  const labels = text.replace(/\.$/, '').split('.');
  const isName = text.length <= 254 && labels.every((label) => /^[\p{L}\p{M}\p{N}_-]{1,63}$/u.test(label));
  if (!isName && isIP(text) === 0)
    throw usage(
      `'${escaped(text)}' is not a host: expected an address or a name, for example 192.0.2.1 or www.example`,
    );
  return text;
}

/** A whole number from `min` to `max`. */
export function parseInteger(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < min || number > max)
      throw new InvalidArgumentError(
        max === Number.MAX_SAFE_INTEGER
          ? `expected an integer from ${min} on.`
          : `expected an integer from ${min} to ${max}.`,
      );
    return number;
  };
}

/** Collects the values of an option that can be given several times. */
export function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

/** An option for a duration of at least `min` ms, with its default as people write it. */
export function durationOption(flags: string, description: string, byDefault?: string, min: 0 | 1 = 1): Option {
  const parse = parseDuration(min);
  const option = new Option(flags, description).argParser(parse);
  return byDefault === undefined ? option : option.default(parse(byDefault), byDefault);
}
