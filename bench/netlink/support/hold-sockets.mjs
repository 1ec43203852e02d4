// Listens on so many ports, and tells when it does: hold-sockets.mjs <first port> <count>
import { AF_INET, SOCK_CLOEXEC, SOCK_STREAM, sys } from 'netns-core/sys';

const [first, count] = process.argv.slice(2).map(Number);
const calls = sys();
const address = new Uint8Array(16);
const view = new DataView(address.buffer);
view.setUint16(0, AF_INET, true);
for (let port = first; port < first + count; port += 1) {
  const fd = calls.socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  view.setUint16(2, port);
  const bound = calls.bind(fd, address);
  const listening = bound < 0 ? bound : calls.listen(fd, 1);
  if (fd < 0 || listening < 0) throw new Error(`port ${port}: socket ${fd}, bind ${bound}, listen ${listening}`);
}
process.send('listening');
setInterval(() => {}, 1 << 30);
