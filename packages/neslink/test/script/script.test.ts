import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Cmd, execute, parseOutput, Script } from 'neslink/script';
import { describe, expect, it } from 'vitest';
import { leakedFds, openFds, retryUntil } from '#testkit';

describe('a script', () => {
  it('is compiled with its fields and run by sh, its environment empty unless given', async () => {
    const script = new Script(
      'echo "{{.Greeting}}, {{range .Names}}<{{.}}>{{end}}"; env | grep -v ^PWD= | grep -v ^_= | grep -v ^SHLVL= | grep -v ^OLDPWD= || true',
    )
      .withField('Greeting', 'Hello')
      .withFields({ Names: ['a', 'b'] })
      .withEnv('A=1', 'B=x=y', { C: '3' })
      .compile();
    const result = await (await script.exec()).result();
    expect(result.stdout.split('\n').sort()).toEqual(['', 'A=1', 'B=x=y', 'C=3', 'Hello, <a><b>']);
    expect(result.exitCode).toBe(0);
    expect(result.totalTime).toBeGreaterThan(0);
    const bare = await (await new Script('env').exec()).result();
    expect(bare.stdout).not.toContain('HOME=');
    expect((await (await new Script('echo $NETNS_SANDBOX').withLocalOSEnv().exec()).result()).stdout.trim()).toBe(
      process.env.NETNS_SANDBOX,
    );
  });

  it('is a value: every with… leaves it alone', () => {
    const script = new Script('{{.A}}');
    const one = script.withField('A', 1);
    const two = one.withField('A', 2).withEnv('X=1').withSubcommand(['bash', '-c']);
    expect([one.compile().raw(), two.compile().raw(), script.raw()]).toEqual(['1', '2', '{{.A}}']);
    expect([one.env(), two.env()]).toEqual([{}, { X: '1' }]);
    expect(one.withFields({ A: 5, B: 6 }, false).data()).toEqual({ A: 1, B: 6 });
    expect(two.mustCompile().data()).toEqual({});
    expect([script.cmd().raw(), two.compile().cmd().raw()]).toEqual([
      ['sh', '-c', '{{.A}}'],
      ['bash', '-c', '2'],
    ]);
    expect(() => script.compile()).toThrow('.A has no value');
    expect(() => script.withSubcommand([])).toThrow('interpreter');
    expect(() => script.withEnv('novalue')).toThrow('KEY=VALUE');
  });

  it('takes a value with shell characters as one word when it is quoted', async () => {
    const hostile = `x'; echo injected; $(echo y) "z`;
    const quoted = new Script('printf %s {{.V | shellQuote}}').withField('V', hostile).compile();
    expect((await (await quoted.exec()).result()).stdout).toBe(hostile);
  });

  it('runs under another interpreter', async () => {
    const script = new Script('process.stdout.write(String({{.N}} * 2))').withField('N', 21);
    const result = await (await script.compile().withSubcommand([process.execPath, '-e']).exec()).result();
    expect(result.stdout).toBe('42');
    await expect(script.withSubcommand('no-such-interpreter-here').exec()).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(script.withSubcommand('no-such-interpreter-here').exec()).rejects.toThrow(
      '"no-such-interpreter-here"',
    );
  });

  it('comes from a file or by HTTP, but an error page is not a script', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'neslink-'));
    const server = createServer((request, response) => {
      if (request.url === '/s.sh') response.end('echo {{.X}}');
      else response.writeHead(404).end('echo error page');
    });
    try {
      writeFileSync(path.join(folder, 's.sh'), 'echo from file');
      expect((await Script.fromFile(path.join(folder, 's.sh'))).raw()).toBe('echo from file');
      await expect(Script.fromFile(path.join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      expect((await Script.fromHTTP(`${base}/s.sh`)).raw()).toBe('echo {{.X}}');
      await expect(Script.fromHTTP(`${base}/other`)).rejects.toThrow(/404/);
    } finally {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a process', () => {
  it('takes input while it runs, and its output can be read as it comes', async () => {
    const before = openFds();
    const process = await new Script('while read line; do echo "got $line"; done; echo end >&2').exec();
    const lines: string[] = [];
    process.stdout.setEncoding('utf8').on('data', (text: string) => lines.push(text));
    await process.write('one\n');
    await retryUntil(() => lines.join('').includes('got one'));
    await process.write('two\n');
    const result = await process.result();
    expect(result).toMatchObject({ stdout: 'got one\ngot two\n', stderr: 'end\n', exitCode: 0, signal: null });
    expect(lines.join('')).toBe(result.stdout);
    expect(process.running).toBe(false);
    await expect(process.write('late')).rejects.toMatchObject({ code: 'EPIPE' });
    process.signal('SIGTERM');
    process.close();
    process.close();
    await retryUntil(() => leakedFds(before).filter((fd) => !fd.includes('socket')).length === 0);
  });

  it('tells its exit code, or the signal that ended it', async () => {
    expect(await (await new Script('exit 3').exec()).result()).toMatchObject({ exitCode: 3, signal: null });
    const trapped = await new Script('trap "exit 7" TERM; echo ready; while :; do sleep 0.05; done').exec();
    await retryUntil(() => trapped.stdout.readableLength > 0);
    trapped.signal('SIGTERM');
    expect(await trapped.result()).toMatchObject({ exitCode: 7 });
    const killed = await new Script('sleep 100').exec();
    killed.kill();
    expect(await killed.result()).toMatchObject({ exitCode: -1, signal: 'SIGKILL', timedOut: false });
    expect(() => trapped.signal('SIGTERM')).not.toThrow();
  });

  it('is killed with all that it has started: by kill, by its timeout, by an AbortSignal, by leaving its block', async () => {
    const nested = 'sleep 1000 & echo $!; wait';
    const sleeperOf = async (process: { stdout: NodeJS.ReadableStream }): Promise<number> =>
      retryUntil(() => Number(String(process.stdout.read() ?? '')) || undefined);
    // A zombie is gone, too: the process that adopted it has yet to take notice.
    const gone = (pid: number) => () => {
      try {
        return /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
      } catch {
        return true;
      }
    };

    const killed = await new Script(nested).exec();
    const first = await sleeperOf(killed);
    killed.kill();
    await retryUntil(gone(first));

    const timed = await new Script(nested).exec({ timeout: 300 });
    const second = await sleeperOf(timed);
    expect(await timed.result()).toMatchObject({ timedOut: true, exitCode: -1 });
    await retryUntil(gone(second));

    const controller = new AbortController();
    const aborted = await new Script(nested).exec({ signal: controller.signal });
    const third = await sleeperOf(aborted);
    controller.abort();
    await aborted.result();
    await retryUntil(gone(third));
    await expect(new Script('true').exec({ signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);

    let fourth = 0;
    {
      await using scoped = await new Script(nested).exec();
      fourth = await sleeperOf(scoped);
    }
    await retryUntil(gone(fourth));
  });

  it('gives its result although it has left something in the background that holds its output', async () => {
    const process = await new Script('sleep 20 & echo $!').exec({ drainTimeout: 100 });
    const result = await process.result();
    expect(result.exitCode).toBe(0);
    globalThis.process.kill(Number(result.stdout));
  });

  it('runs in the working directory asked for, with arguments that no shell touches', async () => {
    const result = await (await new Cmd('pwd').exec({ cwd: '/usr' })).result();
    expect(result.stdout).toBe('/usr\n');
    const echo = new Cmd('printf', '%s|').withArg('{{.X}}').withArgs('$HOME', "a'b").withField('X', '; ls');
    expect((await (await echo.compile().exec()).result()).stdout).toBe("; ls|$HOME|a'b|");
    expect((await (await echo.exec()).result()).stdout).toBe("{{.X}}|$HOME|a'b|");
  });
});

describe('::set-output', () => {
  it('sets text, numbers and JSON; what is not of its type is left out', () => {
    expect({
      ...parseOutput(
        [
          'noise',
          '::set-output name=hello::world: and::more',
          '::set-output name=count type=int::42',
          '::set-output name=wrong type=int::4x',
          '::set-output name=data type=json::{"a": [1, 2]}',
          '::set-output name=broken type=JSON::{',
          '::set-output name=x::one',
          'prefix ::set-output name=x::two\r',
          '::set-output name=__proto__::harmless',
        ].join('\n'),
      ),
    }).toEqual({ hello: 'world: and::more', count: 42, data: { a: [1, 2] }, x: 'two', ['__proto__']: 'harmless' });
  });

  it('is read from standard output, or from both, standard error last', async () => {
    const script = new Script(
      'echo "::set-output name=a::out" ; echo "::set-output name=b type=i::1"; echo "::set-output name=a::err" >&2',
    );
    const result = await (await script.exec()).result();
    expect({ ...result.output() }).toEqual({ a: 'out', b: 1 });
    expect({ ...result.combinedOutput() }).toEqual({ a: 'err', b: 1 });
  });
});

describe('a script of any length', () => {
  const long = (bytes: number): string => `: '${'ä'.repeat(bytes / 2)}'\n`;

  it('runs in a shell, without parameters or variables of ours', async () => {
    const script = new Script(`${long(300_000)}echo "$# \${__neslink-unset} \${1-none}"; exit 3`);
    const result = await (await script.exec()).result();
    expect(result).toMatchObject({ stdout: '0 unset none\n', stderr: '', exitCode: 3 });
  });

  it('or is refused with advice', async () => {
    const node = new Script(long(200_000)).withSubcommand([process.execPath, '-e']);
    await expect(async () => node.exec()).rejects.toMatchObject({ code: 'ERR_SCRIPT_TOO_LONG' });
    await expect(async () => new Script(long(2_000_000)).exec()).rejects.toThrow('Write it to a file');
  });
});

describe('a program', () => {
  it('is not looked for among directories of the same name', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'neslink-'));
    mkdirSync(path.join(folder, 'sh'));
    const before = process.env.PATH;
    process.env.PATH = `${folder}:${before}`;
    try {
      expect((await (await new Script('echo ok').exec()).result()).stdout).toBe('ok\n');
    } finally {
      process.env.PATH = before;
      rmSync(folder, { recursive: true });
    }
  });

  it('has a result also where an executor hands it over after its end', async () => {
    for (const wait of [0, 200]) {
      const child = await execute(
        ['true'],
        {},
        {
          executor: async (file, args, options) => {
            const started = spawn(file, args, options);
            await delay(wait);
            return started;
          },
        },
      );
      expect((await child.result()).exitCode).toBe(0);
    }
  });

  it('that prints without end is killed', async () => {
    const child = await new Script('yes').exec({ maxBuffer: 10_000 });
    const result = await child.result();
    expect(result).toMatchObject({ truncated: true, signal: 'SIGKILL' });
    expect(result.stdout).toHaveLength(10_000);
  });
});

describe('a script from a server', () => {
  it('is fetched with the credentials of its URL, which do not get into messages', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end('echo hello');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect((await Script.fromHTTP(`http://user:s%3Acret@127.0.0.1:${port}/`)).raw()).toBe('echo hello');
    expect(seen).toEqual([`Basic ${Buffer.from('user:s:cret').toString('base64')}`]);
    await new Promise((resolve) => server.close(resolve));
    const error: unknown = await Script.fromHTTP(`http://user:s%3Acret@127.0.0.1:${port}/x`).catch((reason) => reason);
    expect(inspect(error, { depth: 10 })).not.toMatch(/cret/);
    expect(String(error)).toContain(`http://127.0.0.1:${port}/x`);
  });
});
