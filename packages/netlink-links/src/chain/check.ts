import { InvalidOptionError } from 'netns-core';
import { type CheckedWhere, checkWhere } from '../filter/check.js';
import { checkBytes, checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { checkUnknown } from '../message/unknown-attribute.js';
import type { Chain, ChainSpec, ChainTemplate } from './chain.js';

const PROPERTIES = propertiesOf<ChainSpec, Chain>(
  {
    link: 'set',
    ifindex: 'set',
    block: 'set',
    parent: 'set',
    chain: 'set',
    template: 'set',
    unknownCommon: 'set',
  },
  { dev: 'link', interface: 'link', index: 'chain' },
);
const TEMPLATE = propertiesOf<ChainTemplate>(
  { kernelKind: 'set', options: 'set' },
  { kind: 'kernelKind', data: 'options' },
);

/** A chain whose values were checked. */
export interface CheckedChain extends CheckedWhere {
  readonly chain: number;
  readonly spec: ChainSpec;
  /** How it reads in an error: `'chain 5 at ingress of eth0'`. */
  readonly description: string;
}

/** Checks a chain before anything is sent. @throws InvalidOptionError */
export function checkChain(callee: string, spec: ChainSpec): CheckedChain {
  checkProperties(spec, callee, PROPERTIES);
  const { chain, template, unknownCommon } = spec;
  const place = checkWhere('a chain', spec);
  if (chain === undefined) throw new InvalidOptionError('chain', `${callee} needs the number of a \`chain\``);
  if (template !== undefined) {
    checkProperties(template, 'template', TEMPLATE);
    const { kernelKind, options } = template;
    if (typeof kernelKind !== 'string' || kernelKind === '' || kernelKind.includes('\0'))
      throw mustBe('template.kernelKind', "the kernel's name of a kind of filters, 'flower'", kernelKind);
    checkBytes('template.options', options);
  }
  checkUnknown(unknownCommon, 'unknownCommon');
  return { ...place, chain, spec, description: `chain ${chain} ${place.where}` };
}
