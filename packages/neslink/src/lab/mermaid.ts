import { limitsOf } from './describe-link.js';
import { planLab } from './plan.js';
import type { LabNodeSpec, LabTopology } from './topology.js';

const SHAPES: Readonly<Record<LabNodeSpec['kind'], readonly [string, string]>> = {
  host: ['[', ']'],
  router: ['{{', '}}'],
  switch: ['([', '])'],
};

/**
 * A topology, or a lab's, as a Mermaid flowchart, which GitHub, GitLab and many editors show as a picture.
 *
 * @throws InvalidOptionError
 */
export function toMermaid(lab: LabTopology | { readonly topology: LabTopology }): string {
  const plan = planLab(topologyOf(lab));
  const nodes = [...plan.nodes.values()];
  // An identifier of our own: `end`, say, is a word of Mermaid's.
  const ids = new Map(nodes.map(({ name }, index) => [name, `n${index}`]));
  return [
    'flowchart LR',
    ...nodes.map(({ name, kind, addresses }) => {
      const [open, close] = SHAPES[kind];
      return `  ${ids.get(name)}${open}"${[name, ...addresses].join('<br>')}"${close}`;
    }),
    ...plan.links.map(({ ends: [left, right], spec }) => {
      const label = [...left.addresses, ...limitsOf(spec), ...right.addresses].join('<br>');
      return `  ${ids.get(left.node)} ---${label === '' ? '' : `|"${label}"|`} ${ids.get(right.node)}`;
    }),
  ].join('\n');
}

/** The topology of a lab, or itself. */
export function topologyOf(lab: LabTopology | { readonly topology: LabTopology }): LabTopology {
  return typeof lab === 'object' && lab !== null && 'topology' in lab ? lab.topology : lab;
}
