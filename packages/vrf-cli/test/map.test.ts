import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ip, ipIn, makeNamespaces, uniqueName, vethBetween } from '#testkit';
import { renderHtml } from '../src/map/html.ts';
import { renderMermaid } from '../src/map/mermaid.ts';
import type { HostMap } from '../src/map/model.ts';
import { renderSvg } from '../src/map/svg.ts';
import { listening, type Running, vrf, vrfHere } from './vrf.ts';

const [red, blue] = [uniqueName('r'), uniqueName('b')];
const [redEnd, blueEnd, bridge, homeEnd, otherEnd] = [1, 2, 3, 4, 5].map(() => uniqueName('l')) as [
  string,
  string,
  string,
  string,
  string,
];
let namespaces: Disposable;
let server: Running;
let map: HostMap;

beforeAll(async () => {
  namespaces = makeNamespaces(`ns-${red}`, `ns-${blue}`);
  vethBetween(
    { namespace: `ns-${red}`, name: redEnd, addresses: ['192.0.2.1/24'] },
    { namespace: `ns-${blue}`, name: blueEnd, addresses: ['192.0.2.2/24'] },
  );
  ip(`link add ${homeEnd} type veth peer name ${otherEnd} netns ns-${blue}`);
  ipIn(`ns-${blue}`, `link add ${bridge} type bridge`);
  ipIn(`ns-${blue}`, `link set ${otherEnd} master ${bridge}`);
  ipIn(`ns-${red}`, 'route add 203.0.113.0/24 via 192.0.2.2');
  server = await listening(red, '8080', '--http', 'hello', '--host', '192.0.2.1');
  map = JSON.parse((await vrfHere(['map', '--json'])).stdout) as HostMap;
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  namespaces?.[Symbol.dispose]();
});

const named = (name: string) => map.namespaces.find(({ label }) => label === name);

/** Reads XML with Python's parser, and HTML as well: how many elements of each name there are. */
function elements(text: string, kind: 'xml' | 'html'): Record<string, number> {
  const program =
    kind === 'xml'
      ? 'import sys,json,collections,xml.etree.ElementTree as e\nprint(json.dumps(collections.Counter(x.tag.split("}")[1] for x in e.fromstring(sys.stdin.read()).iter())))'
      : `import sys,json,collections,html.parser
void = {'meta', 'link', 'input'}
class P(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(); self.open = []; self.seen = collections.Counter()
    def handle_starttag(self, tag, attrs):
        self.seen[tag] += 1
        if tag not in void: self.open.append(tag)
    def handle_startendtag(self, tag, attrs): self.seen[tag] += 1
    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag
p = P(); p.feed(sys.stdin.read()); p.close()
assert not p.open, p.open
print(json.dumps(p.seen))`;
  const { stdout, stderr, status } = spawnSync('python3', ['-c', program], { input: text, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, number>;
}

describe('vrf map', () => {
  it('knows both ends of a veth pair across namespaces', () => {
    const end = (name: string, link: string) => ({ namespace: named(name)?.id, link });
    const wires = map.wires.map(({ ends }) => ends);
    const pair = [end(`ns-${red}`, redEnd), end(`ns-${blue}`, blueEnd)];
    expect(wires.filter((ends) => ends.some(({ link }) => link === redEnd))).toEqual([expect.arrayContaining(pair)]);
    const home = map.namespaces.find(({ current }) => current);
    expect(wires).toContainEqual(
      expect.arrayContaining([{ namespace: home?.id, link: homeEnd }, end(`ns-${blue}`, otherEnd)]),
    );
  });

  it('has masters, routes and the sockets that processes listen on', () => {
    expect(named(`ns-${blue}`)?.links.find(({ name }) => name === otherEnd)?.master).toBe(bridge);
    expect(named(`ns-${red}`)?.routes).toContainEqual({
      dst: '203.0.113.0/24',
      via: `via 192.0.2.2 dev ${redEnd}`,
      table: 254,
    });
    const [socket, ...more] = named(`ns-${red}`)?.sockets ?? [];
    expect(more).toEqual([]);
    expect(socket).toMatchObject({
      protocol: 'tcp',
      state: 'listening',
      local: '192.0.2.1:8080',
      processes: [expect.any(String)],
    });
    expect(named(`ns-${blue}`)?.sockets).toEqual([]);
  });

  it('is a tree by default', async () => {
    const { code, stdout } = await vrf(['map']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^ns-${red} · VRF ${red} \\(namespace ns-${red}\\)$`, 'm'));
    expect(stdout).toContain(`${redEnd} veth ↔ ${blueEnd} in ns-${blue}`);
    expect(stdout).toContain(`${otherEnd} (down) veth, in ${bridge} ↔ ${homeEnd} in current namespace`);
  });

  it('is written to a file in the format of its name', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'vrf-map-'));
    try {
      const [svg, html] = [path.join(folder, 'a.svg'), path.join(folder, 'a.html')];
      const results = [await vrfHere(['map', '-o', svg]), await vrfHere(['map', '-o', html])];
      for (const result of results) expect(result).toEqual({ code: 0, stdout: '', stderr: '' });
      const picture = readFileSync(svg, 'utf8');
      expect(elements(picture, 'xml').path).toBeGreaterThanOrEqual(2);
      expect(picture).toContain(`<title>ns-${red}</title>`);
      expect(picture).toMatch(
        new RegExp(`ns-${red}: ${redEnd} – ns-${blue}: ${blueEnd}|ns-${blue}: ${blueEnd} – ns-${red}: ${redEnd}`),
      );
      const page = readFileSync(html, 'utf8');
      expect(page).toContain(`<summary>ns-${blue} `);
      const { a: cards = 0, details, svg: pictures } = elements(page, 'html');
      expect({ details, pictures }).toEqual({ details: cards, pictures: 1 });
      // Nothing is fetched: the namespace of SVG is a name, not an address.
      expect(page.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/https?:|src=|@import|url\(/);
      for (const [, anchor] of page.matchAll(/href="#([^"]+)"/g)) expect(page).toContain(`<details id="${anchor}"`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('shows names as text, whatever they are made of', () => {
    const name = '</script><b>"]&;end';
    const link = { name, index: 1, type: 'veth', state: 'up', addresses: [] };
    const peer = { ...link, peer: { namespace: 'b', link: name } };
    const rest = { current: false, vrfs: [name], processes: name, routes: [], sockets: [] };
    const odd: HostMap = {
      namespaces: [
        { id: 'a', label: name, links: [peer], ...rest },
        { id: 'b', label: name, links: [link], ...rest },
      ],
      wires: [
        {
          ends: [
            { namespace: 'a', link: name },
            { namespace: 'b', link: name },
          ],
        },
      ],
    };
    expect(elements(renderSvg(odd), 'xml')).toMatchObject({ path: 1, rect: 3 });
    const page = elements(renderHtml(odd, name), 'html');
    expect(page).toMatchObject({ script: 1, details: 2 });
    expect(page.b).toBeUndefined();
    for (const line of renderMermaid(odd).split('\n')) expect(line.match(/"/g)?.length ?? 0).toBeOneOf([0, 2]);
    expect(renderMermaid(odd)).toContain('n0l0 --- n1l0');
  });
});
