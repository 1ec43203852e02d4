import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';

/** What an argument may be that stands in the wrong place. */
interface Misplaced {
  readonly name?: unknown;
  readonly provides?: unknown;
  readonly provide?: unknown;
  readonly do?: unknown;
  readonly start?: unknown;
  readonly then?: unknown;
}

/** @internal How the error of a function calls an argument that should have been something else, and how to mend it. */
export function describeMisplaced(value: unknown): string {
  if (typeof value === 'function')
    return value.name === '' ? 'a function' : `the function ${value.name}: call it, as in ${value.name}(…)`;
  if (typeof value !== 'object' || value === null) return shown(value);
  const { name, provides, provide, do: act, start, then }: Misplaced = value;
  const called = typeof name === 'string' && name !== '' ? ` ${name}` : '';
  if (typeof provide === 'function') {
    const kind = provides === 'namespace' || provides === 'link' ? `${provides} ` : '';
    return `the ${kind}provider${called}`;
  }
  if (typeof act === 'function') return `the action${called}`;
  if (typeof start === 'function')
    return `the netlink operation${called}: execute it with NAGeneric('…', ({ netlink }) => netlink.execute(…))`;
  return typeof then === 'function' ? 'a promise: await it first' : shown(value);
}

/** @internal A link provider was expected. `callee` is the function whose argument it is. */
export function noLinkProvider(callee: string, value: unknown): InvalidOptionError {
  const hint = typeof value === 'string' ? `: write LPName(${shown(value)})` : '';
  return new InvalidOptionError(
    'linkProvider',
    `${callee} takes a link provider, such as LPName('v0'), got ${describeMisplaced(value)}${hint}`,
  );
}
