import { RT_SCOPE_HOST, RT_SCOPE_LINK, RT_SCOPE_NOWHERE, RT_SCOPE_SITE, RT_SCOPE_UNIVERSE } from '../uapi/route.js';
import { NamedNumbers } from './named-numbers.js';

/** How far an address or a route is valid, `RT_SCOPE_…` of `<linux/rtnetlink.h>`; a number for those without a name. */
export type Scope = 'global' | 'site' | 'link' | 'host' | 'nowhere' | number;

const scopes = new NamedNumbers<Exclude<Scope, number>>('scope', {
  global: RT_SCOPE_UNIVERSE,
  site: RT_SCOPE_SITE,
  link: RT_SCOPE_LINK,
  host: RT_SCOPE_HOST,
  nowhere: RT_SCOPE_NOWHERE,
});

/** The name of an `RT_SCOPE_…` number. */
export function scopeName(scope: number): Scope {
  return scopes.name(scope);
}

/**
 * The number behind a scope.
 *
 * @throws InvalidOptionError
 */
export function scopeNumber(scope: Scope): number {
  return scopes.number(scope);
}
