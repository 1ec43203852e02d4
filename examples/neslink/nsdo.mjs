// NESlink's example of NsDo: the links of a new namespace.
import { Do, NADeleteNamed, NALinks, NANewNs, NPNow } from 'neslink';

const [, links] = await Do(NPNow(), NANewNs('example'), NALinks(), NADeleteNamed('example'));
console.log(`links found: ${links.length}`);
for (const { index, name } of links) console.log(`\t${index}: ${name}`);
