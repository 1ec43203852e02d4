import type { LinkChanges, LinkSpec } from 'netlink-links';
import { LinkNotFoundError, Netlink } from 'netlink-links';
import { expect } from 'vitest';
import { ipIn, ipJson } from '#testkit';
import { shownLink } from './given-back-link.ts';
import type { KindCase } from './kind-cases.js';

/** Makes, reads, changes and deletes a link of a kind in a namespace, and asks `ip` at each step. */
export async function checkKind(
  namespace: string,
  { spec, needsParent, kind, shown, told, untold = [], change }: KindCase,
): Promise<void> {
  if (needsParent === true) {
    ipIn(namespace, 'link add below type veth peer name beyond');
    ipIn(namespace, 'link set below up');
  }
  using netlink = Netlink.open(namespace);
  await netlink.linkAdd({ ...spec, name: 'it', ...(needsParent === true && { parent: 'below' }) } as LinkSpec);
  const seen = (): Record<string, unknown> => {
    const [link] = ipJson<{ linkinfo?: { info_kind?: string; info_data?: Record<string, unknown> } }>(
      'link show it',
      namespace,
    );
    expect(link?.linkinfo?.info_kind).toBe(kind);
    return link?.linkinfo?.info_data ?? {};
  };
  expect(seen()).toMatchObject(shown);
  const { parent: _, ...own } = spec as LinkSpec & { parent?: unknown };
  const expected = Object.fromEntries(Object.entries(own).filter(([key]) => !untold.includes(key)));
  const link = await netlink.linkByName('it');
  expect(link).toMatchObject({ ...expected, ...told, name: 'it' });
  if (needsParent === true && !untold.includes('parent'))
    expect(link.parentIndex).toBe((await netlink.linkByName('below')).index);
  expect((await netlink.linkList({ type: spec.type })).map(({ name }) => name)).toContain('it');
  if (change !== undefined) {
    await netlink.linkModify('it', { type: spec.type, ...change.to } as LinkChanges);
    expect(seen()).toMatchObject(change.shown);
    // Changed to what was read it is as it was; with one thing said beside, only that is another.
    await netlink.linkModify('it', link);
    const before = shownLink(namespace);
    await netlink.linkModify('it', { ...link, ...change.to } as LinkChanges);
    const { own, ...rest } = shownLink(namespace);
    const { own: ownBefore, ...restBefore } = before;
    expect(rest).toEqual(restBefore);
    expect(Object.fromEntries(own)).toEqual({ ...Object.fromEntries(ownBefore), ...change.shown });
    await netlink.linkModify('it', link);
    expect(shownLink(namespace)).toEqual(before);
  }
  await netlink.linkDel('it');
  await expect(netlink.linkByName('it')).rejects.toThrow(LinkNotFoundError);
}
