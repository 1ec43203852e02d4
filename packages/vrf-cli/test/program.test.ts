import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeNamespaces, uniqueName } from '#testkit';
import { EXIT_CODES } from '../src/exit-codes.ts';
import { CLI, plainEnvironment, start, vrf, vrfHere } from './vrf.ts';

const COMMANDS = ['list', 'fetch', 'resolve', 'dial', 'ping', 'listen', 'exec', 'watch', 'check', 'map', 'completion'];

/** A folder in which `vrf` is the program that was built. */
function folderWithVrf(): { folder: string } & Disposable {
  const folder = mkdtempSync(path.join(tmpdir(), 'vrf-cli-'));
  symlinkSync(CLI, path.join(folder, 'vrf'));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

describe('the program', () => {
  it('has help with an example for every command', async () => {
    const { code, stdout } = await vrf(['--help']);
    expect(code).toBe(0);
    for (const name of COMMANDS) {
      expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
      const { code: helped, stdout: help } = await vrfHere([name, '--help']);
      expect(helped).toBe(0);
      expect(help).toMatch(new RegExp(`Example:\\n(.*\\n)*.*vrf ${name}`));
      expect(help).toContain('--debug');
    }
  });

  it('has the exit codes in its help', async () => {
    const [all, check] = [await vrfHere(['--help']), await vrfHere(['check', '--help'])];
    for (const { code, commands, check: checkMeaning } of EXIT_CODES) {
      const line = (meaning: string): string => `\n  ${code.padEnd(10)}${meaning}\n`;
      if (commands !== undefined) expect(all.stdout).toContain(line(commands));
      if (checkMeaning !== undefined) expect(check.stdout).toContain(line(checkMeaning));
    }
  });

  it.each([['--help'], ['list'], ['map'], ['fetch', '--namespace', '', 'http://127.0.0.1:9/']])(
    'does not load undici for vrf %s',
    (...args) => {
      const program = `import { createRequire } from 'node:module';
        process.on('exit', () => console.error(Object.keys(createRequire('/').cache).join('\\n')));`;
      const { stderr } = spawnSync(
        process.execPath,
        ['--import', `data:text/javascript,${encodeURIComponent(program)}`, CLI, ...args],
        { encoding: 'utf8', env: plainEnvironment() },
      );
      expect(stderr).toContain('/commander/');
      expect(stderr).not.toContain('/undici/');
    },
  );

  it('refuses arguments in one line, with exit code 2', async () => {
    const refused: [string, RegExp][] = [
      ['nonsense', /unknown command 'nonsense'/],
      ['fetch red http://192.0.2.1/ --nonsense', /unknown option '--nonsense'/],
      ['fetch', /expected a VRF, url: the VRF is the first argument/],
      ['fetch red', /the argument url is missing: the first argument, 'red', is the VRF/],
      ['fetch http://192.0.2.1/', /the argument url is missing: the first argument, 'http:.*', is the VRF/],
      ['exec red', /the argument command is missing: .*'red', is the VRF/],
      ['dial red 192.0.2.1', /the argument port is missing/],
      ['dial --vrf red 192.0.2.1', /the argument port is missing\n/],
      ['fetch --vrf red red http://192.0.2.1/', /unexpected argument/],
      ['fetch red ftp://192.0.2.1/', /not an http or https URL/],
      ['dial red 192.0.2.1 99999', /'99999' is not a port/],
      ['ping red 192.0.2.1 -c 0', /integer from 1/],
      ['resolve red www.example -t ANY', /unknown record type 'ANY'/],
      [
        'resolve --vrf red www.example --server nowhere',
        /^vrf: --server: 'nowhere' is not the address of a name server/,
      ],
      ['fetch --vrf red http://192.0.2.1/ -X A;B@', /'A;B@' is not a method/],
      ['fetch --vrf red http://192.0.2.1/ -H a/b:c', /'a\/b:c' is not a header/],
      ['ping red 192.0.2.1 -s 65508', /integer from 0 to 65507/],
      ['ping red 192.0.2.1 --ttl 256', /integer from 1 to 255/],
      ['dial --vrf red a/b 80', /'a\/b' is not a host/],
      ['dial red 192.0.2.1 80 --timeout 0', /from 1 ms/],
      ['exec --namespace pid:x true', /'pid:x' is not a process/],
      ['ping red 192.0.2.1 -6', /--ipv6 was given, but '192.0.2.1' is an IPv4 address/],
      ['dial red ::1 80 -4', /--ipv4 was given, but '::1' is an IPv6 address/],
      ['fetch red http://[::1]/ -4', /--ipv4 was given, but '::1' is an IPv6 address/],
      ['listen --namespace= 8080 --host nowhere', /^vrf: --host must be an address/],
      ['dial --vrf= 192.0.2.1 80', /^vrf: --vrf is empty: name a VRF, or give --namespace '' for/],
      ['dial --interface a/b 192.0.2.1 80', /^vrf: --interface must be the name of a device/],
      ['map -o network.foo', /\.foo, which is not a format: give --format tree, mermaid, svg, html, json/],
    ];
    for (const [line, message] of refused) {
      const { code, stdout, stderr } = await vrfHere(line.split(' '));
      expect({ line, code, stdout }).toEqual({ line, code: 2, stdout: '' });
      expect(stderr).toMatch(/^vrf: .*\n$/);
      expect(stderr).toMatch(message);
    }
    // And as a program: before a command is known, and by one.
    const programs = await Promise.all([vrf(['nonsense']), vrf(['dial', 'red', '192.0.2.1', '99999'])]);
    for (const { code, stdout, stderr } of programs) {
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^vrf: .*\n$/);
    }
  });

  it('tells a failure in one line, and with --debug where it comes from', async () => {
    const missing = uniqueName('m');
    const [brief, long] = await Promise.all([
      vrf(['fetch', missing, 'http://192.0.2.1/']),
      vrfHere(['fetch', missing, 'http://192.0.2.1/', '--debug']),
    ]);
    expect(brief.code).toBe(1);
    expect(brief.stderr).toMatch(new RegExp(`^vrf: .*ns-${missing}.*\\n$`));
    expect(long.stderr).toContain('NamespaceNotFoundError');
    expect(long.stderr).toMatch(/\n +at /);
  });

  it('names the option for a namespace that is not a VRF', async () => {
    const name = uniqueName('w');
    using _ = makeNamespaces(name);
    const { code, stderr } = await vrfHere(['ping', name, '127.0.0.1', '-c', '1']);
    expect(code).toBe(2);
    expect(stderr).toContain(`--namespace ${name}`);
  });

  it('takes it as its end, not as an error, that its output is no longer read', () => {
    const script = `set -o pipefail; "$0" "$1" list --json | head -c 1; echo "\${PIPESTATUS[0]}" >&2`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, CLI], {
      encoding: 'utf8',
      env: plainEnvironment(),
    });
    expect(stdout).toBe('{');
    expect(stderr).toBe('0\n');
  });

  it('ends with the reader of its output, also while it waits for an event', () => {
    const script = `set -o pipefail; "$0" "$1" watch --existing | head -1 >/dev/null; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, CLI], {
      encoding: 'utf8',
      env: plainEnvironment(),
    });
    expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
  });

  it('fails in a VRF that is missing before it prints anything, and says so in JSON', async () => {
    const missing = uniqueName('m');
    const lines = [
      ['resolve', missing, 'localhost'],
      ['ping', missing, '192.0.2.1', '-c', '1'],
    ];
    for (const line of lines) {
      const text = await vrfHere(line);
      expect({ code: text.code, stdout: text.stdout }).toEqual({ code: 1, stdout: '' });
      const json = await vrfHere([...line, '--json']);
      expect(json.code).toBe(1);
      expect(JSON.parse(json.stdout)).toMatchObject({
        error: { code: 'ENOENT', message: expect.stringContaining(missing) },
      });
    }
  });

  it('has colours on a terminal, and none in a pipe or with NO_COLOR', async () => {
    const onTerminal = (env: NodeJS.ProcessEnv): string =>
      spawnSync('script', ['-qec', `'${process.execPath}' '${CLI}' list`, '/dev/null'], {
        encoding: 'utf8',
        env: plainEnvironment({ TERM: 'xterm', ...env }),
      }).stdout;
    expect(onTerminal({})).toContain('\u001b[1mVRF\u001b[22m');
    expect(onTerminal({ NO_COLOR: '1' })).not.toContain('\u001b');
    // Continuous integration is not a terminal either.
    await using piped = start(['list'], ['env', 'CI=true', process.execPath, CLI]);
    expect((await piped.ended).stdout).toMatch(/^VRF {2}/);
  });

  it('completes commands, options and VRFs in bash', () => {
    const name = uniqueName('c');
    using _ = makeNamespaces(`ns-${name}`);
    using place = folderWithVrf();
    const script = `source <(vrf completion bash)
      complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vrf; echo "\${COMPREPLY[*]}"; }
      complete_words vrf fe
      complete_words vrf fetch --ins
      complete_words vrf fetch ${name}
      complete_words vrf ping --vrf ${name}`;
    const env = plainEnvironment({ PATH: `${place.folder}:${path.dirname(process.execPath)}:${process.env.PATH}` });
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8', env });
    expect({ stdout, stderr }).toEqual({ stdout: `fetch\n--insecure\n${name}\n${name}\n`, stderr: '' });
  });

  it('does what the first example of its README prints', () => {
    const readme = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8');
    const [, example = '', printed] = /^```sh\n(.*?)^```$.*?^```\n(.*?)^```$/ms.exec(readme) ?? [];
    using place = folderWithVrf();
    const env = plainEnvironment({ PATH: `${place.folder}:${path.dirname(process.execPath)}:${process.env.PATH}` });
    const { stdout, stderr } = spawnSync('bash', ['-c', example], { encoding: 'utf8', env });
    expect({ stdout, stderr }).toEqual({ stdout: printed, stderr: '' });
  });
});
