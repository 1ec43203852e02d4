import type { PlannedNode } from './plan.js';
import type { LabNatSpec } from './topology.js';

/** The rules of a router, for `nft -f`. */
export function natRules(router: PlannedNode, specs: readonly LabNatSpec[]): string {
  const outside = (towards: string): string =>
    `{ ${router.interfaces
      .filter(({ peer }) => peer.node === towards)
      .map(({ name }) => `"${name}"`)
      .join(', ')} }`;
  const forwards = specs.flatMap(({ towards, forward = [] }) =>
    forward.map(
      ({ port, to, protocol = 'tcp' }) => `    iifname ${outside(towards)} ${protocol} dport ${port} dnat to ${to}`,
    ),
  );
  const masquerades = specs.map(({ towards }) => `    oifname ${outside(towards)} masquerade`);
  return [
    'table ip lab {',
    '  chain prerouting {',
    '    type nat hook prerouting priority -100;',
    ...forwards,
    '  }',
    '  chain postrouting {',
    '    type nat hook postrouting priority 100;',
    ...masquerades,
    '  }',
    '}',
    '',
  ].join('\n');
}
