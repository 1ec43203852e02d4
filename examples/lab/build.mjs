import { writeFileSync } from 'node:fs';
import {
  Do,
  LAAddAddr,
  LAAddNetem,
  LAAddRoute,
  LAAddTbf,
  LANewVeth,
  LASetUp,
  LPName,
  NADeleteNamed,
  NAGeneric,
  NANewNs,
  NASetLinkNs,
  NPName,
  NPNow,
} from 'neslink';

/** Forwards packets: a switch of the namespace, so the file must be opened inside it. */
const NAForward = () =>
  NAGeneric('forward', (context) => context.run(() => writeFileSync('/proc/sys/net/ipv4/ip_forward', '1')));

/**
 * Builds a topology: a namespace `<prefix><name>` for each host and router, a veth pair for each wire, whose ends are
 * called `to-<other>`.
 */
export async function buildLab({ hosts, routers, wires }, prefix = 'lab-') {
  const of = (name) => NPName(`${prefix}${name}`);
  const names = [...Object.keys(hosts), ...Object.keys(routers)];
  await Promise.all(names.map((name) => Do(NPNow(), NANewNs(`${prefix}${name}`), LASetUp(LPName('lo')))));

  await Promise.all(
    wires.map(async ({ ends, tbf, netem }) => {
      const [[a, left], [b, right]] = Object.entries(ends);
      await Do(of(a), LANewVeth(`to-${b}`, `to-${a}`), NASetLinkNs(LPName(`to-${a}`), of(b)));
      const end = (name, other, address) => {
        const link = LPName(`to-${other}`);
        const actions = [LAAddAddr(link, address), LASetUp(link)];
        if (tbf) actions.push(LAAddTbf(link, tbf));
        if (netem) actions.push(LAAddNetem(link, netem));
        return Do(of(name), ...actions);
      };
      await Promise.all([end(a, b, left), end(b, a, right)]);
    }),
  );

  /** By which wire a namespace reaches a gateway: the one whose other end has its address. */
  const via = (name, gateway) => {
    for (const { ends } of wires)
      for (const [other, address] of Object.entries(ends))
        if (name in ends && other !== name && address.startsWith(`${gateway}/`)) return LPName(`to-${other}`);
    throw new Error(`${name} has no wire to ${gateway}`);
  };
  await Promise.all([
    ...Object.entries(hosts).map(([name, { gateway }]) =>
      Do(of(name), LAAddRoute(via(name, gateway), 'default', gateway)),
    ),
    ...Object.entries(routers).map(([name, { routes }]) =>
      Do(
        of(name),
        NAForward(),
        ...Object.entries(routes).map(([network, gateway]) => LAAddRoute(via(name, gateway), network, gateway)),
      ),
    ),
  ]);
  return {
    of,
    remove: () => Promise.all(names.map((name) => Do(NPNow(), NADeleteNamed(`${prefix}${name}`)))),
  };
}
