import { normaliseName } from 'netns-core/etc';

/**
 * The names that are asked for, in this order, when a program asks for `hostname` (`resolv.conf(5)`, `search` and
 * `ndots`). A name that ends in a dot is meant as it is.
 *
 * @returns normalised names; none where `hostname` cannot be a name in the DNS
 */
export function searchList(hostname: string, search: readonly string[], ndots: number): readonly string[] {
  const name = normaliseName(hostname);
  if (name === undefined) return [];
  if (hostname.endsWith('.') || search.length === 0) return [name];
  const dots = name.split('.').length - 1;
  const found = search.map((domain) => normaliseName(`${name}.${domain}`)).filter((full) => full !== undefined);
  return [...new Set(dots >= ndots ? [name, ...found] : [...found, name])];
}
