import { listVrfs, type Vrf } from 'vrf-dial/node';

/** The VRFs of this host, or those whose names match one of the patterns (`*` stands for any text). */
export function selectVrfs(patterns: readonly string[] | undefined): Vrf[] {
  const all = listVrfs();
  if (patterns === undefined) return all;
  const expressions = patterns.map(
    (pattern) => new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`),
  );
  return all.filter(({ name }) => expressions.some((expression) => expression.test(name)));
}
