// The job of bench/neslink with neslink: namespaces.mjs <count> <prefix>
import { Do, LAAddAddr, LANewBridge, LANewVeth, LASetMaster, LASetUp, LPName, NANewNs, NPNow } from 'neslink';

const [count, prefix] = process.argv.slice(2);
const before = process.cpuUsage();
const started = performance.now();
await Promise.all(
  Array.from({ length: Number(count) }, (_, index) =>
    Do(
      NPNow(),
      NANewNs(`${prefix}${index}`),
      LANewBridge('br0'),
      LANewVeth('v0', 'v1'),
      LASetMaster(LPName('v0'), LPName('br0')),
      LAAddAddr(LPName('br0'), '192.0.2.1/24'),
      LAAddAddr(LPName('v1'), '192.0.2.2/24'),
      LASetUp(LPName('br0')),
      LASetUp(LPName('v0')),
      LASetUp(LPName('v1')),
    ),
  ),
);
const { user, system } = process.cpuUsage(before);
console.log((performance.now() - started) / 1000, (user + system) / 1e6);
