import { normaliseName } from '../../../packages/netns-core/src/etc/host-name.ts';
import { parseHostsFile } from '../../../packages/netns-core/src/etc/hosts-file.ts';
import { parseNameServer } from '../../../packages/netns-core/src/etc/name-server.ts';
import { parseResolvConf } from '../../../packages/netns-core/src/etc/resolv-conf.ts';
import { parseNsswitch } from '../../../packages/vrf-dial/src/resolve/nsswitch.ts';
import { shapeOf, type Target, Violation } from '../target.ts';

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export const etcFiles: Target = {
  name: 'etc-files',
  dictionary: [
    'nameserver ',
    '192.0.2.53',
    '[2001:db8::53]:5353',
    'fe80::1%eth0',
    'search ',
    'domain ',
    'options ',
    'ndots:',
    'timeout:',
    'attempts:',
    'rotate',
    'use-vc',
    'single-request-reopen',
    '#',
    ';',
    '\n',
    '\r\n',
    '\t',
    '\u00a0',
    '\0',
    'hosts:',
    'files',
    'dns',
    'resolve',
    '[!UNAVAIL=return]',
    '[',
    ']',
    '[NOTFOUND=return SUCCESS=continue]',
    '127.0.0.1',
    '::1',
    'localhost',
    '.',
    '-1',
    '999999999999999999999',
    '__proto__',
    'constructor',
  ],
  seeds: () =>
    [
      'nameserver 192.0.2.53\nnameserver 2001:db8::53\nsearch a.example b.example\noptions ndots:2 timeout:1 attempts:3 rotate use-vc\n',
      '# none\n; none\ndomain example\nnameserver fe80::1%eth0\noptions single-request single-request-reopen\n',
      '127.0.0.1 localhost\n::1 localhost ip6-localhost # six\n192.0.2.1\tHost.Example host\n192.0.2.1 host\n',
      'passwd: files\nhosts: mymachines resolve [!UNAVAIL=return] files myhostname dns [NOTFOUND=return]\n',
      'hosts:\tfiles [SUCCESS=continue] dns [!NOTFOUND=continue TRYAGAIN=return]\n',
    ].map((text) => encoder.encode(text)),
  run(input) {
    const text = decoder.decode(input);
    const conf = parseResolvConf(text);
    if (conf.servers.length > 3) throw new Violation('more than three servers');
    for (const [name, low, high] of [
      ['ndots', 0, 15],
      ['timeout', 1000, 30_000],
      ['attempts', 1, 5],
    ] as const)
      if (!(conf[name] >= low && conf[name] <= high)) throw new Violation(`${name} is ${conf[name]}`);
    for (const server of conf.servers)
      if (server.port < 1 || server.port > 65_535 || parseNameServer(server.text) === undefined)
        throw new Violation(`a name server that is none: ${server.text}`);
    const hosts = parseHostsFile(text);
    for (const name of hosts.keys()) normaliseName(name);
    const sources = parseNsswitch(text);
    if (new Set(sources.map((source) => source.service)).size !== sources.length) throw new Violation('a source twice');
    return shapeOf([conf, hosts, sources], 5);
  },
};
