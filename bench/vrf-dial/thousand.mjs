// A thousand VRFs, each with an agent and a server (listenInVrf) in one process, 100 requests each, all at once:
// every answer must come from its own VRF, at the rate of the same load on one VRF.
import { VrfAgent } from 'vrf-dial';
import { compare } from '../harness/report.mjs';
import { sized } from '../harness/turns.mjs';
import { addServedVrfs, load } from './support/served-vrfs.mjs';

const VRFS = sized(1000, 20);
const REQUESTS = sized(100, 10);

const { names, listeners } = await addServedVrfs(0, VRFS);
const [first] = names;
const own = names.map((name) => ({ name, agent: new VrfAgent({ vrf: name }) }));
const shared = new VrfAgent({ vrf: first });
const one = names.map(() => ({ name: first, agent: shared }));

const rateOf = (jobs) => async () => {
  const { rate, wrong } = await load(jobs, REQUESTS);
  if (wrong > 0) throw new Error(`${wrong} answers came from another VRF`);
  return rate;
};

await compare({
  id: 'rate',
  title: `${VRFS} VRFs, ${REQUESTS} requests each, all at once`,
  unit: 'requests/s',
  base: 'one',
  rounds: 5,
  contestants: {
    one: { name: 'as many on one VRF', run: rateOf(one) },
    own: { name: 'each VRF with an agent of its own', run: rateOf(own), aim: { ratio: { atLeast: 0.95 } } },
  },
});
await Promise.all([...own.map(({ agent }) => agent.close()), shared.close()]);
await Promise.all(listeners.map((listener) => listener.close()));
