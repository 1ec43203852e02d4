import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addressesInHosts, namesInHosts, parseHostsFile, parseResolvConf, WatchedFile } from 'netns-core/etc';
import { describe, expect, it } from 'vitest';
import { parseNsswitch } from '../../src/resolve/nsswitch.js';
import { searchList } from '../../src/resolve/search-list.js';

describe('resolv.conf', () => {
  it('names servers, search domains and options', () => {
    const conf = parseResolvConf(`
# a comment
; another
nameserver 192.0.2.53
nameserver 2001:db8::53   # with a remark
\tnameserver fe80::1%eth0
nameserver 192.0.2.99
domain one.example
search two.example three.example ; and so on
options ndots:3 timeout:2 attempts:4 rotate edns0 trust-ad
options use-vc single-request
sortlist 192.0.2.0/24
`);
    expect(conf.servers.map(({ text }) => text)).toEqual(['192.0.2.53', '2001:db8::53', 'fe80::1%eth0']);
    expect(conf).toMatchObject({
      search: ['two.example', 'three.example'],
      ndots: 3,
      timeout: 2000,
      attempts: 4,
      rotate: true,
      tcp: true,
      shareSocket: false,
    });
  });

  it('has the defaults of resolv.conf(5)', () => {
    expect(parseResolvConf('')).toEqual({
      servers: [],
      search: undefined,
      ndots: 1,
      timeout: 5000,
      attempts: 2,
      rotate: false,
      tcp: false,
      shareSocket: true,
      noAaaa: false,
    });
  });

  it('lets the last of domain and search count', () => {
    expect(parseResolvConf('search a.example\ndomain b.example c.example').search).toEqual(['b.example']);
    expect(parseResolvConf('search a.example\nsearch').search).toEqual([]);
  });

  it('knows no-aaaa', () => {
    expect(parseResolvConf('options timeout:1 no-aaaa').noAaaa).toBe(true);
  });

  it('keeps options within bounds and leaves out what makes no sense', () => {
    expect(parseResolvConf('options ndots:99 timeout:999 attempts:99')).toMatchObject({
      ndots: 15,
      timeout: 30_000,
      attempts: 5,
    });
    expect(
      parseResolvConf('options timeout:0 attempts:0 ndots:-1 ndots:x nonsense\nnameserver nonsense'),
    ).toMatchObject({
      ndots: 1,
      timeout: 1000,
      attempts: 1,
      servers: [],
    });
  });
});

describe('hosts', () => {
  it('gives a name all its addresses, in any case, over several lines', () => {
    const hosts = parseHostsFile(
      '192.0.2.1\tHost.Example host # remark\n2001:db8::1 host.example\n#192.0.2.9 host\nnonsense host\n192.0.2.1 host',
    );
    expect(hosts.get('host.example')).toEqual([
      { address: '192.0.2.1', family: 4 },
      { address: '2001:db8::1', family: 6 },
    ]);
    expect(hosts.get('host')).toEqual([{ address: '192.0.2.1', family: 4 }]);
    expect(hosts.get('remark')).toBeUndefined();
  });
});

describe('the addresses that hosts has for a name', () => {
  const hosts = parseHostsFile(
    [
      '::ffff:192.0.2.33 mapped',
      '0:0:0:0:0:FFFF:C000:221 mapped',
      '2001:DB8:0:0::1 long',
      '192.0.2.5 self\n::1 self',
      '192.0.2.38 bücher.test',
      '192.0.2.39 XN--BCHER2-3YA.test',
    ].join('\n'),
  );
  const addresses = (name: string, family: 0 | 4 | 6 = 0): string[] =>
    (addressesInHosts(hosts, name, family) ?? []).map(({ address }) => address);

  it('are in the form of inet_ntop, and IPv4-mapped ones are IPv4 addresses where those are wanted', () => {
    expect(addresses('long')).toEqual(['2001:db8::1']);
    expect(addresses('mapped')).toEqual(['::ffff:192.0.2.33']);
    expect(addresses('mapped', 6)).toEqual(['::ffff:192.0.2.33']);
    expect(addresses('mapped', 4)).toEqual(['192.0.2.33']);
    expect(addresses('self', 4)).toEqual(['192.0.2.5', '127.0.0.1']);
    expect(addresses('long', 4)).toEqual([]);
  });

  it('are found by both forms of an international name, whichever the file has', () => {
    for (const name of ['bücher.test', 'BÜCHER.test', 'xn--bcher-kva.test'])
      expect(addresses(name)).toEqual(['192.0.2.38']);
    for (const name of ['bücher2.test', 'xn--bcher2-3ya.test']) expect(addresses(name)).toEqual(['192.0.2.39']);
    expect(addresses('bücher3.test')).toEqual([]);
  });

  it('have names', () => {
    expect(namesInHosts(hosts, '2001:db8::1')).toEqual(['long']);
    expect(namesInHosts(hosts, '192.0.2.38')).toEqual(['xn--bcher-kva.test']);
    expect(namesInHosts(hosts, '192.0.2.99')).toEqual([]);
  });
});

describe('nsswitch.conf', () => {
  const services = (text: string): string[] =>
    parseNsswitch(text).map(({ service, returnsOn }) => `${service}:${[...returnsOn].sort().join(',')}`);

  it('names sources in their order; those that would answer from home are passed over', () => {
    expect(services('passwd: files\nhosts:  dns  files\n')).toEqual(['dns:SUCCESS', 'files:SUCCESS']);
    // systemd-resolved reads the hosts file before it asks.
    expect(services('hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns')).toEqual([
      'files:SUCCESS',
      'dns:NOTFOUND,SUCCESS,TRYAGAIN',
    ]);
    expect(services('hosts: files [NOTFOUND=return] resolve')).toEqual(['files:NOTFOUND,SUCCESS', 'dns:SUCCESS']);
    expect(services('hosts: files mdns4_minimal [NOTFOUND=return] dns')).toEqual(['files:SUCCESS', 'dns:SUCCESS']);
    expect(services('hosts: files[NOTFOUND=return SUCCESS=continue] dns # remark')).toEqual([
      'files:NOTFOUND',
      'dns:SUCCESS',
    ]);
    expect(services('hosts: files')).toEqual(['files:SUCCESS']);
  });

  it('tells sources that are merged with the next one from those that are given up for it', () => {
    const merging = (text: string): boolean[] => parseNsswitch(text).map(({ merges }) => merges);
    expect(merging('hosts: files [SUCCESS=merge] dns')).toEqual([true, false]);
    expect(merging('hosts: files [SUCCESS=merge SUCCESS=continue] dns [NOTFOUND=merge]')).toEqual([false, false]);
    expect(services('hosts: files [SUCCESS=merge] dns')).toEqual(['files:', 'dns:SUCCESS']);
    expect(services('hosts: files [SUCCESS=nonsense] dns')).toEqual(['files:SUCCESS', 'dns:SUCCESS']);
  });

  it('is files, then DNS, where nothing is said', () => {
    expect(services('passwd: files')).toEqual(['files:SUCCESS', 'dns:SUCCESS']);
  });
});

describe('the search list', () => {
  const search = ['one.example', 'two.example'];
  it('comes before a name with few dots and after one with many', () => {
    expect(searchList('host', search, 1)).toEqual(['host.one.example', 'host.two.example', 'host']);
    expect(searchList('www.host', search, 1)).toEqual(['www.host', 'www.host.one.example', 'www.host.two.example']);
    expect(searchList('www.host', search, 2)).toEqual(['www.host.one.example', 'www.host.two.example', 'www.host']);
    expect(searchList('host.', search, 1)).toEqual(['host']);
    expect(searchList('host', [], 1)).toEqual(['host']);
    expect(searchList('host', ['.', 'a b', 'example'], 1)).toEqual(['host.example', 'host']);
    expect(searchList('a b', search, 1)).toEqual([]);
    expect(searchList('rack.12', search, 2)).toEqual(['rack.12.one.example', 'rack.12.two.example', 'rack.12']);
  });
});

describe('a file that is watched', () => {
  it('is read again when it has changed, the first place that has it counting', () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'watched-'));
    try {
      const [own, shared] = [path.join(directory, 'own'), path.join(directory, 'shared')];
      let parsed = 0;
      const file = new WatchedFile(
        [own, shared],
        (text) => {
          parsed += 1;
          return text;
        },
        'nowhere',
      );
      let now = 0;
      const later = (): string => {
        now += 1001;
        return file.read(now);
      };
      expect(later()).toBe('nowhere');
      writeFileSync(shared, 'shared');
      expect(file.read(now + 1)).toBe('nowhere');
      expect(later()).toBe('shared');
      expect(later()).toBe('shared');
      expect(parsed).toBe(1);
      writeFileSync(own, 'own');
      expect(later()).toBe('own');
      expect(file.path).toBe(own);
      // The way in which programs replace such files.
      writeFileSync(`${own}.new`, 'two');
      renameSync(`${own}.new`, own);
      expect(later()).toBe('two');
      rmSync(own);
      expect(later()).toBe('shared');
      rmSync(shared);
      expect(later()).toBe('nowhere');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('that cannot be read is an error: another one in its place could be a leak', () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'watched-'));
    try {
      const file = new WatchedFile([directory, '/etc/hosts'], (text) => text, '');
      expect(() => file.read(2000)).toThrow(expect.objectContaining({ code: 'EISDIR', path: directory }));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('that is a pipe, or a link to nothing in place of another file, is an error', () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'watched-'));
    try {
      const own = path.join(directory, 'own', 'resolv.conf');
      const read = (...places: readonly string[]): string =>
        new WatchedFile(places, (text) => text, 'nowhere').read(2000);
      symlinkSync('/does/not/exist', path.dirname(own));
      expect(() => read(own, '/etc/hosts')).toThrow(expect.objectContaining({ code: 'ENOENT', path: own }));
      rmSync(path.dirname(own));
      mkdirSync(path.dirname(own));
      for (const target of ['nothing', '/etc/hosts/nothing']) {
        symlinkSync(target, own);
        expect(() => read(own, '/etc/hosts')).toThrow(`cannot read ${own}: ${own} is a symbolic link to something`);
        // Where it stands in for no other file, it is as if there were none.
        expect(read(own)).toBe('nowhere');
        rmSync(own);
      }
      execFileSync('mkfifo', [own]);
      expect(() => read(own, '/etc/hosts')).toThrow(`cannot read ${own}: it is a pipe`);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
