// The two examples of NESlink's README.
import {
  Do,
  LASetHw,
  LASetUp,
  LinkDo,
  LPNewBridge,
  NADeleteNamed,
  NALinks,
  NPName,
  NPNewNamed,
  NPNow,
  NsDo,
} from 'neslink';

await Do(NPNewNamed('example'));
{
  const {
    err,
    ok,
    results: [links],
  } = await NsDo(NPName('example'), NALinks());
  if (err || !ok) throw err;
  console.log(links.map(({ name }) => name));
}
{
  const { err, ok } = await LinkDo(NPName('example'), LPNewBridge('br0'), LASetHw('12:23:34:45:56:67'), LASetUp());
  if (err || !ok) throw err;
}
const [links] = await Do(NPName('example'), NALinks());
console.log(links.map(({ name, hardwareAddr, flags }) => [name, hardwareAddr, flags.includes('up')].join(' ')));
await Do(NPNow(), NADeleteNamed('example'));
