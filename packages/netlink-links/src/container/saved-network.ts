import { checkArray, checkProperties, checkText, mustBe, propertiesOf } from '../message/checks.js';
import { checkLinkName } from '../operation/link-name.js';
import { checkNsPath, checkResult } from './checks.js';
import type { ContainerResult } from './link-info.js';

/**
 * How an interface reaches the virtual machine: by a TAP device; `'vf'`, a virtual function of SR-IOV, is known and
 * not supported.
 */
export type InterfaceType = 'tap' | 'vf';

/** A container-side network as JSON, for `recoverContainerSideNetwork` in another process. */
export interface ContainerSideNetworkJson {
  result: ContainerResult;
  nsPath: string;
  interfaces: { type: InterfaceType; name: string; hardwareAddr: string; mtu: number }[];
  /** What the teardown puts back, in a form that is ours. */
  undo?: string;
}

const SAVED = propertiesOf<ContainerSideNetworkJson>({ result: 'set', nsPath: 'set', interfaces: 'set', undo: 'set' });
const SAVED_INTERFACE = propertiesOf<ContainerSideNetworkJson['interfaces'][number]>({
  type: 'set',
  name: 'set',
  hardwareAddr: 'set',
  mtu: 'set',
});

/** Checks what was saved of a network. @throws InvalidOptionError */
export function checkSaved(saved: ContainerSideNetworkJson): void {
  checkProperties(saved, 'recoverContainerSideNetwork', SAVED);
  checkResult(saved.result);
  checkNsPath(saved.nsPath);
  if (!Array.isArray(saved.interfaces)) throw mustBe('interfaces', 'an array of interfaces', saved.interfaces);
  checkArray('interfaces', saved.interfaces, 'interfaces');
  for (const [index, each] of saved.interfaces.entries()) {
    checkProperties(each, `interfaces[${index}]`, SAVED_INTERFACE);
    checkLinkName(each.name, `interfaces[${index}].name`);
  }
  checkText('undo', saved.undo);
}

/** Infinity has no JSON, nor have bytes. */
export function replaceForJson(_key: string, value: unknown): unknown {
  if (value === Number.POSITIVE_INFINITY) return { $number: 'Infinity' };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('hex') };
  return value;
}

/** The reverse of {@link replaceForJson}. */
export function reviveFromJson(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$number' in value) return Number.POSITIVE_INFINITY;
  if ('$bytes' in value && typeof value.$bytes === 'string') return new Uint8Array(Buffer.from(value.$bytes, 'hex'));
  return value;
}
