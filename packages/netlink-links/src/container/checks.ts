import type { Result } from 'cni-types';
import type { Link } from '../link/link.js';
import { checkArray, checkText, mustBe } from '../message/checks.js';

/** Checks a link that was read. @throws InvalidOptionError */
export function checkReadLink(property: string, link: Link): void {
  const { name, index, hardwareAddr } = (typeof link === 'object' && link !== null ? link : {}) as Partial<Link>;
  if (
    typeof name !== 'string' ||
    typeof index !== 'number' ||
    !Number.isInteger(index) ||
    index < 1 ||
    typeof hardwareAddr !== 'string'
  )
    throw mustBe(property, 'a Link as linkByName returns it', link);
}

/** Checks links that were read. @throws InvalidOptionError */
export function checkReadLinks(property: string, links: readonly Link[]): void {
  if (!Array.isArray(links)) throw mustBe(property, 'an array of links', links);
  for (const [index, link] of links.entries()) checkReadLink(`${property}[${index}]`, link);
}

/** Checks the path of a namespace; '' is the caller's. @throws InvalidOptionError */
export function checkNsPath(nsPath: string): void {
  if (typeof nsPath !== 'string') throw mustBe('nsPath', 'a path', nsPath);
  checkText('nsPath', nsPath);
}

/** Checks an MTU in bytes, which must be given. @throws InvalidOptionError */
export function checkMtu(mtu: number): void {
  if (!Number.isInteger(mtu) || mtu < 0 || mtu > 0x7fffffff)
    throw mustBe('mtu', 'an integer from 0 to 2147483647', mtu);
}

/**
 * Checks the shape of a CNI result; what it says is checked against the links.
 *
 * @returns the result without lists that are `null`, as Go's JSON has those that are empty
 * @throws InvalidOptionError
 */
export function checkResult(result: Result): Result {
  if (typeof result !== 'object' || result === null || Array.isArray(result))
    throw mustBe('result', 'a CNI result', result);
  const lists: Readonly<Record<string, unknown>> = { ...result };
  if (typeof lists.cniVersion !== 'string') throw mustBe('result.cniVersion', 'a string', lists.cniVersion);
  for (const name of ['interfaces', 'ips', 'routes'])
    for (const [index, each] of listOf(`result.${name}`, lists[name]).entries())
      if (typeof each !== 'object' || each === null) throw mustBe(`result.${name}[${index}]`, 'an object', each);
  for (const [index, { address }] of listOf('result.ips', lists.ips).entries())
    if (typeof address !== 'string')
      throw mustBe(`result.ips[${index}].address`, 'an address with its prefix', address);
  for (const [index, { dst }] of listOf('result.routes', lists.routes).entries())
    if (typeof dst !== 'string') throw mustBe(`result.routes[${index}].dst`, 'a network', dst);
  return Object.fromEntries(Object.entries(result).filter(([, value]) => value !== null)) as unknown as Result;
}

function listOf(property: string, value: unknown): readonly { address?: unknown; dst?: unknown }[] {
  if (value === undefined || value === null) return [];
  checkArray(property, value, 'objects');
  return value as [];
}
