import {
  type Action,
  Do,
  LANewBridge,
  LASetMaster,
  LASetMTU,
  LASetUp,
  LinkDo,
  type LinkProvider,
  LPName,
  NAGeneric,
  NAGetLink,
  NANewNs,
  NASetLinkNs,
  NPName,
  NPNewNamed,
  NPNow,
  NsDo,
} from 'neslink';
import { LAAttachBridge } from 'neslink/ovs';
import { linkAdd } from 'netlink-links/operations';
import { get } from 'netns-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, makeNamespaces, uniqueName } from '#testkit';

let name: string;
let namespaces: ReturnType<typeof makeNamespaces>;
beforeEach(() => {
  name = uniqueName('m');
  namespaces = makeNamespaces(name);
});
afterEach(() => namespaces.remove());

/** As a program without types would pass it. */
const untyped = <T>(value: unknown): T => value as T;
/** What the error says. */
const refusal = async (outcome: Promise<{ err: Error | undefined; ok: boolean }>): Promise<string> => {
  const { err, ok } = await outcome;
  expect(ok).toBe(true);
  expect(err).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
  return err?.message ?? '';
};

describe('a namespace provider is expected', () => {
  it('and what came instead is named, with the way to write it', async () => {
    expect(await refusal(NsDo(untyped('red')))).toMatch(/first.*got 'red': write NPName\('red'\)/);
    expect(await refusal(NsDo(untyped(NPNow)))).toContain('the function NPNow: call it');
    expect(await refusal(NsDo(untyped(undefined)))).toContain('got undefined');
    expect(await refusal(NsDo(LASetUp(LPName('lo')) as never))).toContain('got the action LASetUp');
    using handle = get();
    expect(await refusal(NsDo(untyped(handle)))).toContain('DoFd');
    expect(await refusal(NsDo(NPName(name), NASetLinkNs(LPName('lo'), untyped(name))))).toContain(
      `by NASetLinkNs, such as NPName('red'), got '${name}': write NPName('${name}')`,
    );
  });

  it('and a link provider is not one, nor the other way round', async () => {
    const [namespace, link] = [NPName(name), LPName('lo')];
    expect(await refusal(LinkDo(untyped(link), untyped(namespace), LASetUp()))).toContain(
      "namespace provider is expected first, such as NPName('red'), got the link provider LPName",
    );
    expect(await refusal(LinkDo(namespace, untyped(namespace), LASetUp()))).toContain(
      'got the namespace provider NPName',
    );
    expect(await refusal(LinkDo(namespace, untyped('lo'), LASetUp()))).toContain("got 'lo': write LPName('lo')");
    expect(await refusal(NsDo(namespace, NASetLinkNs(untyped(namespace), untyped(link))))).toContain(
      "NASetLinkNs takes a link provider, such as LPName('v0'), got the namespace provider NPName",
    );
  });
});

describe('an action is expected', () => {
  it('and what came instead is named with its place, before anything is done', async () => {
    const fresh = `${name}n`;
    const done: string[] = [];
    const first = NAGeneric('first', () => done.push('first'));
    const attempt = (value: unknown): Promise<string> => refusal(NsDo(NPNewNamed(fresh), first, value as Action));
    expect(await attempt(linkAdd({ type: 'bridge', name: 'br0' }))).toMatch(
      /^action 2 must be an action.*netlink operation linkAdd: execute it with NAGeneric/,
    );
    expect(await attempt(NPNow())).toContain('the namespace provider NPNow');
    expect(await attempt(LPName('lo'))).toContain('the link provider LPName');
    expect(await attempt(LASetUp)).toContain('the function LASetUp: call it, as in LASetUp(…)');
    expect(await attempt(() => 1)).toContain('got a function');
    expect(await attempt(Promise.resolve())).toContain('a promise: await it first');
    expect(await attempt('up')).toContain("got 'up'");
    expect(await attempt(null)).toContain('got null');
    await expect(Do(NPNow(), {} as Action)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
    expect(done).toEqual([]);
    expect(ip('netns list')).not.toContain(fresh);
  });
});

describe('a link provider is expected before the arguments of an action', () => {
  it('and a name in its place is named, whatever the action', async () => {
    await Do(NPName(name), LANewBridge('br0'));
    for (const [action, text] of [
      [LASetUp(untyped<LinkProvider>('br0')), /\(LASetUp\).*LASetUp takes a link provider.*write LPName\('br0'\)/],
      [LASetMTU(untyped<LinkProvider>('br0'), 1400), /\(LASetMTU\).*write LPName\('br0'\)/],
      [LASetMTU(untyped<LinkProvider>(NPNow()), 1400), /\(LASetMTU\).*got the namespace provider NPNow/],
      [LASetMaster(untyped<LinkProvider>('br0'), 'br1'), /\(LASetMaster\).*write LPName\('br0'\)/],
      [NAGetLink(untyped('br0')), /\(NAGetLink\) .*NAGetLink takes.*write LPName\('br0'\)/],
      [LAAttachBridge(untyped('br0')), /\(LAAttachBridge\).*write LPName\('br0'\)/],
    ] as const satisfies readonly (readonly [Action, RegExp])[])
      expect(await refusal(NsDo(NPName(name), action))).toMatch(text);
  });
});

it('an error names the action, the namespace and the link', async () => {
  const { err } = await NsDo(NPName(name), LASetUp(LPName('nope')));
  expect(err?.message).toMatch(new RegExp(`^action 1 \\(LASetUp\\) failed in namespace "${name}": cannot .*"nope"`));
  const [made] = [await NsDo(NPNow(), NANewNs(name))];
  expect(made.err?.message).toMatch(/^action 1 \(NANewNs\) failed in the caller's namespace: /);
});
