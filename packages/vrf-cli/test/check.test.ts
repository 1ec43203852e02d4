import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ipIn, makeNamespaces, uniqueName } from '#testkit';
import { readCheckFile } from '../src/check/check-file.ts';
import { STATES } from '../src/check/run-check.ts';
import { CLI, type Ended, listening, plainEnvironment, type Running, vrf, vrfHere } from './vrf.ts';

const red = uniqueName('r');
let namespaces: Disposable;
let web: Running;

beforeAll(async () => {
  namespaces = makeNamespaces(`ns-${red}`);
  ipIn(`ns-${red}`, 'addr add 192.0.2.1/32 dev lo');
  web = await listening(red, '8080', '--http', 'hello');
});

afterAll(async () => {
  await web?.[Symbol.asyncDispose]();
  namespaces?.[Symbol.dispose]();
});

const URL_OF_WEB = 'http://192.0.2.1:8080/';
const check = (checks: readonly object[], ...args: string[]) =>
  vrf(['check', '-', ...args], JSON.stringify({ checks: checks.map((one) => ({ vrfs: red, ...one })) }));

/** As {@link check}, in this process. */
async function checkHere(checks: readonly object[], ...args: string[]): Promise<Ended> {
  using folder = folderWith(JSON.stringify({ checks: checks.map((one) => ({ vrfs: red, ...one })) }));
  return await vrfHere(['check', folder.file, ...args]);
}

function folderWith(text: string): { file: string } & Disposable {
  const folder = mkdtempSync(path.join(tmpdir(), 'vrf-check-'));
  const file = path.join(folder, 'checks.yaml');
  writeFileSync(file, text);
  return { file, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

describe('vrf check', () => {
  it('is ok when every check is, and says so as a monitoring plugin does', async () => {
    const { code, stdout } = await check([
      { name: 'web', http: { url: URL_OF_WEB, status: 200, contains: 'hello' } },
      { tcp: { host: '192.0.2.1', port: 8080 } },
      { dns: { name: 'localhost', expect: '127.0.0.1' } },
      { ping: { host: '192.0.2.1', count: 2 } },
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^OK: 4 ok \\| 'web@${red}'=[\\d.]+s;; 'tcp 192\\.0\\.2\\.1:8080@${red}'=`));
    expect(stdout.match(/^ok /gm)).toHaveLength(4);
  });

  it('ends with the exit code of what is wrong', async () => {
    const cases = [
      { code: 1, one: { http: { url: URL_OF_WEB }, warning: '1ms', critical: '1m' } },
      { code: 2, one: { http: { url: URL_OF_WEB }, warning: '1ms', critical: '1ms' } },
      { code: 2, one: { http: { url: URL_OF_WEB, status: 404 } } },
      { code: 2, one: { http: { url: URL_OF_WEB, contains: 'bye' } } },
      { code: 2, one: { ping: { host: '192.0.2.9', count: 1 }, timeout: '100ms' } },
      { code: 2, one: { tcp: { host: '192.0.2.1', port: 8080 }, vrfs: 'missing' } },
      { code: 3, one: { tcp: { host: '192.0.2.1', port: 8080 }, vrfs: 'missing-*' } },
    ];
    for (const { code, one } of cases) {
      const ended = await checkHere([one], '--json');
      expect({ code: ended.code, one }).toEqual({ code, one });
      expect(JSON.parse(ended.stdout)).toMatchObject({ state: STATES[code] });
    }
    // And as a program, where the code could be that of something else.
    expect((await check([{ tcp: { host: '192.0.2.1', port: 8080 }, vrfs: 'missing' }])).code).toBe(2);
  });

  it('shows the worst of several', async () => {
    const { code, stdout } = await checkHere([
      { http: { url: URL_OF_WEB } },
      { name: 'slow', http: { url: URL_OF_WEB }, warning: '1ms' },
      { name: 'refused', tcp: { host: '192.0.2.1', port: 9 } },
    ]);
    expect(code).toBe(2);
    expect(stdout).toMatch(new RegExp(`^CRITICAL: 1 ok, 1 warning, 1 critical; refused in ${red}: .*ECONNREFUSED`));
  });

  it.each([
    { file: '', says: 'the file must be a mapping with checks' },
    { file: 'checks: []', says: 'at least one check' },
    { file: 'checks: [{ htp: {} }]', says: "checks[0] has no key 'htp'" },
    { file: 'checks: [{ tcp: { host: a, port: 80, prt: 1 } }]', says: "checks[0].tcp has no key 'prt'" },
    { file: 'checks: [{ tcp: { host: a, port: 0 } }]', says: 'checks[0].tcp.port must be an integer from 1 to 65535' },
    { file: 'checks: [{ name: x }]', says: 'exactly one of http, tcp, dns, ping' },
    { file: 'checks: [{ tcp: { host: a, port: 80 }, timeout: soon }]', says: 'checks[0].timeout must be a duration' },
    {
      file: 'checks: [{ tcp: { host: a, port: 80 }, warning: 2s, critical: 1s }]',
      says: 'checks[0].warning must not be above checks[0].critical: got 2.00 s and 1.00 s',
    },
    { file: 'checks: [', says: 'cannot read' },
  ])('refuses the file $file', ({ file, says }) => {
    using folder = folderWith(file);
    expect(() => readCheckFile(folder.file)).toThrow(says);
  });

  it('calls the name server as its file does', async () => {
    const { stdout } = await checkHere([{ dns: { name: 'a', server: 'nowhere' } }], '--json');
    expect(stdout).toContain("dns.server: 'nowhere' is not the address of a name server");
  });

  it('is unknown (3) for files and arguments that are not understood', async () => {
    using folder = folderWith('checks: 1');
    const lines = [
      [folder.file],
      ['x', '--nonsense'],
      [],
      ['x', '--jobs', '0'],
      ['x', '-', '--json'],
      ['no-such-file'],
    ];
    const results = [await vrf(['check', '-'], 'checks: 1'), await vrf(['check', 'x', '--nonsense'])];
    for (const line of lines) results.push(await vrfHere(['check', ...line]));
    for (const { code, stdout, stderr } of results) {
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toMatch(/^vrf: .*\n$/);
    }
  });

  it('shows on a terminal how far it is', () => {
    using folder = folderWith(`checks:\n  - name: web\n    http: { url: '${URL_OF_WEB}' }\n    vrfs: ${red}\n`);
    const { stdout } = spawnSync(
      'script',
      ['-qec', `'${process.execPath}' '${CLI}' check '${folder.file}'`, '/dev/null'],
      {
        encoding: 'utf8',
        env: plainEnvironment({ TERM: 'xterm' }),
      },
    );
    expect(stdout).toContain(`[0/1] web in ${red}`);
    expect(stdout).toContain('\u001b[32mOK\u001b[39m: 1 ok');
  });
});
