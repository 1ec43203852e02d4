// SSH in a VRF, with `ssh2`: it waits for the socket that it is given to connect.
//
//   node ssh2.mjs <vrf> <host> <port>
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import ssh2 from 'ssh2';
import { createVrfSocket } from 'vrf-dial';

const [vrf, host, port] = process.argv.slice(2);

const client = new ssh2.Client();
client.connect({
  sock: createVrfSocket({ vrf }).connect(Number(port), host),
  username: 'user',
  password: 'password',
});
await once(client, 'ready');
console.log(await text(await promisify(client.exec.bind(client))('hostname')));
client.end();
