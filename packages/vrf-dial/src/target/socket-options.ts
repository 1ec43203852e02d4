import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { boolean, integer } from '../options/value-checks.js';

/** What is set on every socket, netns-core's `SocketOptions`. `interface` is also part of the target. */
export const SOCKET_OPTIONS = {
  tos: {
    check: integer(0, 255),
    synonyms: ['dscp', 'trafficclass', 'tclass', 'typeofservice', 'iptos', 'ip_tos', 'ipv6_tclass', 'qos'],
  },
  mark: { check: integer(0, 0xffffffff), synonyms: ['fwmark', 'somark', 'so_mark', 'sockmark', 'socketmark'] },
  interface: {
    check: checkInterfaceName,
    synonyms: [
      ...['iface', 'ifname', 'intf', 'nic', 'device', 'dev', 'interfacename', 'devicename', 'outinterface'],
      ...['bindtodevice', 'so_bindtodevice', 'bindtointerface', 'binddevice', 'l3mdev', 'vrfdevice', 'oif'],
    ],
  },
  priority: { check: integer(0, 0x7fffffff), synonyms: ['so_priority', 'prio'] },
  reuseAddress: { check: boolean, synonyms: ['reuseaddr', 'so_reuseaddr'] },
  reusePort: { check: boolean, synonyms: ['so_reuseport'] },
  ipv6Only: { check: boolean, synonyms: ['v6only', 'ipv6_v6only'] },
  freebind: { check: boolean, synonyms: ['ip_freebind'] },
  transparent: { check: boolean, synonyms: ['ip_transparent', 'tproxy'] },
} as const;

/** What the kernel takes as the name of a device (`dev_valid_name` in net/core/dev.c). */
function checkInterfaceName(option: string, name: unknown): string {
  if (typeof name !== 'string' || !/^[^\s/:\0]+$/.test(name) || Buffer.byteLength(name) > 15 || /^\.{1,2}$/.test(name))
    throw new InvalidOptionError(
      option,
      `${option} must be the name of a device (1 to 15 bytes without spaces, '/' and ':'), not ${shown(name)}`,
    );
  return name;
}
