// NESlink's example of link actions: a bridge with a MAC of its own in a new namespace, seen by another Do.
import { Do, LANewBridge, LASetHw, LPName, NADeleteNamed, NALinks, NANewNs, NPName, NPNow } from 'neslink';

await Do(NPNow(), NANewNs('example'), LANewBridge('testbr'), LASetHw(LPName('testbr'), '34:34:34:34:34:34'));
const [links] = await Do(NPName('example'), NALinks(), NADeleteNamed('example'));
console.log(`links found: ${links.length}`);
for (const { index, name, hardwareAddr } of links) console.log(`\t${index}: ${name}: ${hardwareAddr}`);
