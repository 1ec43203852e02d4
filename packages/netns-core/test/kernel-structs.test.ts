import { endianness } from 'node:os';
import { openSocket } from 'netns-core';
import {
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  encodeInterfaceRequest,
  encodeInternetAddress,
  encodeNetlinkAddress,
  getIntOption,
  interfaceIndex,
  interfaceName,
  isLinkLocalAddress,
  LITTLE_ENDIAN,
  parseIPv4,
  parseIPv6,
  readInternetAddress,
  SIOCGIFFLAGS,
  SO_DOMAIN,
  SO_MARK,
  SO_PRIORITY,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_SOCKET,
  setIntOption,
  sys,
} from 'netns-core/sys';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ip, ipIn, makeNamespaces, run, uniqueName } from '#testkit';

const NAME = uniqueName('structs');
let made: ReturnType<typeof makeNamespaces>;
const open: number[] = [];

beforeAll(() => {
  made = makeNamespaces(NAME);
  ipIn(NAME, 'link set lo up');
  // So that indexes are none that home has.
  ip(`link add spare netns ${NAME} type veth peer name spare2 netns ${NAME}`);
  ip(`link add eth7 netns ${NAME} type veth peer name eth8 netns ${NAME}`);
  ipIn(NAME, 'link set eth7 up');
  ipIn(NAME, 'addr add fe80::7/64 dev eth7 nodad');
  return () => made.remove();
});
afterEach(() => {
  for (const fd of open.splice(0)) sys().close(fd);
});

function socket(family: 'ipv4' | 'ipv6'): number {
  const fd = openSocket({ namespace: NAME, family, type: 'dgram' });
  open.push(fd);
  return fd;
}

/** The index that `ip` shows. */
function indexOf(name: string): number {
  return Number(/^(\d+):/.exec(run('ip', ['-n', NAME, '-o', 'link', 'show', name]))?.[1]);
}

/** What the kernel makes of an address that a socket is bound to. */
function boundTo(fd: number, address: Uint8Array): ReturnType<typeof readInternetAddress> {
  expect(sys().bind(fd, address)).toBe(0);
  const own = new Uint8Array(28);
  expect(sys().getsockname(fd, own)).toBe(address.length);
  expect(own.subarray(0, address.length)).toEqual(address);
  return readInternetAddress(own.subarray(0, address.length));
}

describe('addresses of sockets', () => {
  it('are what the kernel takes and gives, IPv4 and IPv6 with an interface', () => {
    const four = encodeInternetAddress(parseIPv4('127.0.0.9'), 4567);
    expect(boundTo(socket('ipv4'), four)).toEqual({ address: parseIPv4('127.0.0.9'), port: 4567, scopeId: 0 });
    expect(isLinkLocalAddress(four)).toBe(false);
    const scopeId = indexOf('eth7');
    const six = encodeInternetAddress(parseIPv6('fe80::7'), 4568, scopeId);
    expect(boundTo(socket('ipv6'), six)).toEqual({ address: parseIPv6('fe80::7'), port: 4568, scopeId });
    expect(isLinkLocalAddress(six)).toBe(true);
  });

  it('of other families, and those cut short, are none', () => {
    expect(readInternetAddress(encodeNetlinkAddress())).toBeUndefined();
    expect(readInternetAddress(encodeInternetAddress(parseIPv6('fe80::7'), 1).subarray(0, 27))).toBeUndefined();
    expect(readInternetAddress(new Uint8Array(0))).toBeUndefined();
    expect(isLinkLocalAddress(new Uint8Array(1))).toBe(false);
  });

  it('of netlink carry their groups', () => {
    const fd = sys().socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
    open.push(fd);
    expect(sys().bind(fd, encodeNetlinkAddress(0x111))).toBe(0);
    const own = encodeNetlinkAddress();
    expect(sys().getsockname(fd, own)).toBe(own.length);
    const view = new DataView(own.buffer);
    expect([view.getUint16(0, LITTLE_ENDIAN), view.getUint32(8, LITTLE_ENDIAN)]).toEqual([AF_NETLINK, 0x111]);
    expect(LITTLE_ENDIAN).toBe(endianness() === 'LE');
  });
});

describe('interfaces', () => {
  it("are looked up in the socket's namespace, by name and by index", () => {
    const fd = socket('ipv4');
    const index = interfaceIndex(fd, 'eth7');
    expect(index).toBe(indexOf('eth7'));
    expect(interfaceName(fd, index)).toBe('eth7');
    expect(interfaceName(fd, 2 ** 31 - 1)).toBeUndefined();
    for (const missing of ['eth9', '', 'a-name-of-16-byte', 'ü'.repeat(8)])
      expect(interfaceIndex(fd, missing)).toBe(-19);
    const flags = encodeInterfaceRequest('eth7');
    expect(sys().ioctl(fd, SIOCGIFFLAGS, flags)).toBe(0);
    expect(flags[16 + (LITTLE_ENDIAN ? 0 : 1)]).not.toBe(0);
  });
});

describe('options that are integers', () => {
  it('are set and read back, and their errors are numbers', () => {
    const fd = socket('ipv6');
    expect(getIntOption(fd, SOL_SOCKET, SO_DOMAIN)).toBe(AF_INET6);
    expect(getIntOption(socket('ipv4'), SOL_SOCKET, SO_DOMAIN)).toBe(AF_INET);
    expect(setIntOption(fd, SOL_SOCKET, SO_PRIORITY, 5)).toBe(0);
    expect(getIntOption(fd, SOL_SOCKET, SO_PRIORITY)).toBe(5);
    expect(setIntOption(fd, SOL_SOCKET, SO_MARK, 0xffffffff)).toBe(0);
    const mark = new Uint8Array(4);
    expect(sys().getsockopt(fd, SOL_SOCKET, SO_MARK, mark)).toBe(4);
    expect(mark).toEqual(Uint8Array.of(255, 255, 255, 255));
    expect(setIntOption(-1, SOL_SOCKET, SO_PRIORITY, 1)).toBe(-9);
    expect(getIntOption(-1, SOL_SOCKET, SO_PRIORITY)).toBe(-9);
  });
});
