import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { AF_NETLINK, SOCK_CLOEXEC, SOCK_RAW, sys } from 'netns-core/sys';
import { protocolNumber } from '../../packages/netlink-links/src/operation/protocol.ts';
import type { Request } from '../../packages/netlink-links/src/operation/request.ts';
import { TARGETS as ENTRIES } from './targets/index.ts';
import { READERS } from './targets/netlink.ts';

/** For the command, which is not TypeScript. */
export const TARGETS = ENTRIES.map(({ target, share }) => ({ name: target.name, share }));

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;

/** Things worth to be listed; what this kernel cannot make is left out. */
const CONTENTS = [
  'link add d0 type veth peer name d1',
  'link add v0 type veth peer name v1',
  'link add br0 type bridge',
  'link add vl0 link d0 type vlan id 7',
  'link add mv0 link d0 type macvlan mode bridge',
  'link add vx0 type vxlan id 42 dstport 4789 local 192.0.2.1',
  'link add gre0x type gre local 192.0.2.1 remote 192.0.2.2 key 7',
  'link add bo0 type bond mode 802.3ad',
  'link add vrf0 type vrf table 1000',
  'link property add dev d0 altname another-name-of-d0',
  'link set v0 master br0',
  'link set lo up',
  'link set d0 up',
  'link set d1 up',
  'link set v0 up',
  'link set br0 up',
  'addr add 192.0.2.1/24 dev d0 label d0:one',
  'addr add 2001:db8::1/64 dev d0 nodad',
  'route add 198.51.100.0/24 via 192.0.2.2 metric 5 mtu 1400',
  'route add 203.0.113.0/24 nexthop via 192.0.2.3 weight 2 nexthop via 192.0.2.4',
  'route add blackhole 203.0.113.128/25 table 1000',
  'route add 2001:db8:1::/48 via 2001:db8::2 dev d0',
  'neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev d0',
  'rule add from 192.0.2.0/24 fwmark 7 lookup 1000',
  '-6 rule add to 2001:db8::/32 iif d0 goto 32766',
];

/** What the kernel answers to a request, a datagram each. */
function ask({ message, protocol }: Request<unknown>): Uint8Array[] {
  const calls = sys();
  const fd = calls.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocolNumber(protocol));
  if (fd < 0) throw new Error(`socket: ${fd}`);
  const answers: Uint8Array[] = [];
  try {
    calls.send(fd, message, 0);
    for (let over = false; !over && answers.length < 100; ) {
      const buffer = new Uint8Array(65_536);
      const size = calls.recv(fd, buffer, 0);
      if (size <= 0) throw new Error(`recv: ${size}`);
      const answer = buffer.slice(0, size);
      answers.push(answer);
      const view = new DataView(answer.buffer);
      const dump = (new DataView(message.buffer, message.byteOffset).getUint16(6, true) & 0x300) !== 0;
      over = !dump;
      for (let at = 0; at + 16 <= size; at += (view.getUint32(at, true) + 3) & ~3)
        if ([NLMSG_ERROR, NLMSG_DONE].includes(view.getUint16(at + 4, true))) over = true;
    }
  } finally {
    calls.close(fd);
  }
  return answers;
}

// Run as a program it writes the kernel's answers into a folder, and changes the namespace that it is in: a sandbox's.
if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const line of CONTENTS)
    try {
      execFileSync('ip', line.split(' '), { stdio: 'ignore' });
    } catch {
      // This kernel lacks the kind.
    }
  for (const [letter, make] of Object.entries(READERS)) {
    const request = make().single;
    if (request === undefined) continue;
    for (const [index, datagram] of ask(request).entries())
      writeFileSync(
        path.join(process.env.FUZZ_CAPTURES ?? '', `${letter.charCodeAt(0)}-${index}`),
        Buffer.concat([Buffer.from(letter), datagram]),
      );
  }
}
