import { expect, it } from 'vitest';
import { ip, ipJson } from '#testkit';

it('runs on Debian’s kernel, which has the kinds of links that the tests need', () => {
  ip('link add d0 type dummy');
  expect(ipJson('link show d0')).toMatchObject([{ ifname: 'd0', linkinfo: { info_kind: 'dummy' } }]);
  ip('link del d0');
});
