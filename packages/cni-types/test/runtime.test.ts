import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CniError, type NetworkConfigList } from 'cni-types';
import {
  type AttachmentOptions,
  addNetworkList,
  checkNetworkList,
  delNetworkList,
  gcNetworkList,
  gcNetworks,
  getCachedAttachment,
  getPluginVersions,
  invokePlugin,
  listAttachments,
  loadAllNetworks,
  loadDefaultNetwork,
  loadNetworkList,
  NetworkNotFoundError,
  NotAttachedError,
  type PluginExecutor,
  PluginFailedError,
  PluginNotFoundError,
  PluginOutputError,
  PluginSilentError,
  PluginTimeoutError,
  SeveralCniErrors,
  statusNetworkList,
  validateNetworkList,
} from 'cni-types/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { retryUntil } from '#testkit';

let folder = '';
let bin = '';
let log = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cni-'));
  bin = path.join(folder, 'bin');
  log = path.join(folder, 'log');
  mkdirSync(bin);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A plugin in shell that notes every call and then does what it is told. */
function plugin(name: string, body: string): void {
  const file = path.join(bin, name);
  writeFileSync(
    file,
    `#!/bin/sh
stdin=$(cat)
printf '{"plugin":"${name}","command":"%s","id":"%s","netns":"%s","ifName":"%s","args":"%s","path":"%s","stdin":%s}\\n' \\
  "$CNI_COMMAND" "$CNI_CONTAINERID" "$CNI_NETNS" "$CNI_IFNAME" "$CNI_ARGS" "$CNI_PATH" "$stdin" >> ${log}
${body}
`,
  );
  chmodSync(file, 0o755);
}

interface Call {
  plugin: string;
  command: string;
  id: string;
  netns: string;
  ifName: string;
  args: string;
  path: string;
  stdin: Record<string, unknown>;
}

function calls(): Call[] {
  return readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Call);
}

function forget(): void {
  writeFileSync(log, '');
}

const result = (name: string, version = '1.0.0'): string =>
  `[ "$CNI_COMMAND" = ADD ] && echo '{"cniVersion":"${version}","interfaces":[{"name":"${name}"}]}'; exit 0`;

function options(more: Partial<AttachmentOptions> = {}): AttachmentOptions {
  return {
    containerId: 'c1',
    netns: '/run/netns/c1',
    ifName: 'eth0',
    path: bin,
    cacheDir: path.join(folder, 'cache'),
    ...more,
  };
}

function network(cniVersion = '1.0.0', more: Partial<NetworkConfigList> = {}): NetworkConfigList {
  return {
    cniVersion,
    name: 'net',
    plugins: [
      { type: 'one', name: 'of-its-own', key: [1, { deep: true }] },
      { type: 'two', capabilities: { portMappings: true, bandwidth: false, mac: true } },
    ],
    ...more,
  };
}

async function rejection(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('a chain of plugins', () => {
  it('is added in order, each plugin with the result of the one before', async () => {
    plugin('one', result('a'));
    plugin('two', result('b'));
    const answer = await addNetworkList(
      network(),
      options({
        args: { IgnoreUnknown: '1', A: 'b' },
        capabilityArgs: { portMappings: [{ hostPort: 1 }], bandwidth: {}, other: 1 },
      }),
    );
    expect(answer).toEqual({ cniVersion: '1.0.0', interfaces: [{ name: 'b' }] });
    expect(calls()).toEqual([
      {
        plugin: 'one',
        command: 'ADD',
        id: 'c1',
        netns: '/run/netns/c1',
        ifName: 'eth0',
        args: 'IgnoreUnknown=1;A=b',
        path: bin,
        stdin: { type: 'one', name: 'net', cniVersion: '1.0.0', key: [1, { deep: true }] },
      },
      expect.objectContaining({
        plugin: 'two',
        stdin: {
          type: 'two',
          name: 'net',
          cniVersion: '1.0.0',
          capabilities: { portMappings: true, bandwidth: false, mac: true },
          runtimeConfig: { portMappings: [{ hostPort: 1 }] },
          prevResult: { cniVersion: '1.0.0', interfaces: [{ name: 'a' }] },
        },
      }),
    ]);
  });

  it('is checked in order and deleted in reverse, with the result and arguments of ADD, which need not be said again', async () => {
    plugin('one', result('a'));
    plugin('two', result('b'));
    await addNetworkList(network(), options({ args: { A: 'b' }, capabilityArgs: { portMappings: [7] } }));
    forget();
    const { netns: _, ...known } = options();
    await checkNetworkList(network(), known);
    await delNetworkList(network(), known);
    expect(calls().map((call) => `${call.command} ${call.plugin}`)).toEqual([
      'CHECK one',
      'CHECK two',
      'DEL two',
      'DEL one',
    ]);
    for (const call of calls()) {
      expect(call).toMatchObject({ id: 'c1', netns: '/run/netns/c1', ifName: 'eth0', args: 'A=b' });
      expect(call.stdin.prevResult).toEqual({ cniVersion: '1.0.0', interfaces: [{ name: 'b' }] });
    }
    expect(calls()[1]?.stdin.runtimeConfig).toEqual({ portMappings: [7] });
    expect(calls()[2]?.stdin.runtimeConfig).toEqual({ portMappings: [7] });
  });

  it('can be deleted again, and without having been added', async () => {
    plugin('one', result('a'));
    plugin('two', result('b'));
    await addNetworkList(network(), options());
    await delNetworkList(network(), options());
    forget();
    await delNetworkList(network(), options());
    expect(calls().map((call) => call.stdin.prevResult)).toEqual([undefined, undefined]);
    expect(await listAttachments(path.join(folder, 'cache'))).toEqual([]);
  });

  it('stays remembered if a plugin cannot delete, so that it can be tried again', async () => {
    plugin('one', result('a'));
    plugin('two', result('b'));
    await addNetworkList(network(), options());
    plugin('one', `[ "$CNI_COMMAND" = DEL ] && echo '{"code":11,"msg":"busy"}' && exit 1`);
    expect(await rejection(delNetworkList(network(), options()))).toMatchObject({
      code: 11,
      message: 'network "net", plugins[0] (one): busy',
    });
    expect(await listAttachments(path.join(folder, 'cache'))).toHaveLength(1);
    plugin('one', 'exit 0');
    await delNetworkList(network(), options());
    expect(await listAttachments(path.join(folder, 'cache'))).toEqual([]);
  });

  it('of a version before 0.4.0 gets no result at DEL and cannot be checked', async () => {
    plugin('one', result('a', '0.3.1'));
    plugin('two', result('b', '0.3.1'));
    await addNetworkList(network('0.3.1'), options());
    expect(await rejection(checkNetworkList(network('0.3.1'), options()))).toMatchObject({
      code: 1,
      message: 'network "net" is of version 0.3.1, which has no CHECK: it came with 0.4.0',
    });
    forget();
    await delNetworkList(network('0.3.1'), options());
    expect(calls().map((call) => call.stdin.prevResult)).toEqual([undefined, undefined]);
    expect(readdirSync(path.join(folder, 'cache/results'))).toEqual([]);
  });

  it('is not checked where the list says so, or if it was never added', async () => {
    plugin('one', result('a'));
    plugin('two', result('b'));
    await checkNetworkList(network('1.0.0', { disableCheck: 'True' }), options());
    const error = await rejection(checkNetworkList(network(), options()));
    expect(error).toBeInstanceOf(NotAttachedError);
    expect((error as Error).message).toBe(
      `container "c1" is not attached to network "net" with "eth0"; no result of an ADD is remembered in ${folder}/cache`,
    );
  });

  it('stops at the first plugin that fails, naming it and keeping its code', async () => {
    plugin('one', `echo '{"cniVersion":"1.0.0","code":107,"msg":"no","details":"because"}'; exit 1`);
    plugin('two', result('b'));
    const error = await rejection(addNetworkList(network(), options()));
    expect(error).toBeInstanceOf(CniError);
    expect(error).toMatchObject({
      code: 107,
      msg: 'no',
      details: 'because',
      message: 'network "net", plugins[0] (one): no; because',
    });
    expect(calls()).toHaveLength(1);
    expect(await listAttachments(path.join(folder, 'cache'))).toEqual([]);
  });

  it('that declares 1.0.1 is run as 1.0.0, and the runtime is told', async () => {
    plugin('one', result('a'));
    plugin('two', result('b'));
    const told: string[] = [];
    await addNetworkList(network('1.0.1'), options({ onDiagnostic: ({ code }) => told.push(code) }));
    expect(calls().map((call) => call.stdin.cniVersion)).toEqual(['1.0.0', '1.0.0']);
    expect(told).toEqual(['ERR_UNRELEASED_VERSION']);
  });

  it('gives each plugin the result of the one before in the form it came, and DEL that of the configuration now', async () => {
    plugin('one', `[ "$CNI_COMMAND" = ADD ] && echo '{"interfaces":[{"name":"a"}]}'; exit 0`);
    plugin('two', result('b'));
    await addNetworkList(network(), options());
    expect(calls()[1]?.stdin.prevResult).toEqual({ interfaces: [{ name: 'a' }], cniVersion: '1.0.0' });
    forget();
    await delNetworkList(network('0.4.0'), options());
    expect(calls()[0]?.stdin.prevResult).toEqual({ cniVersion: '0.4.0', interfaces: [{ name: 'b' }], dns: {} });
  });

  it('is refused before anything runs if a name is wrong', async () => {
    plugin('one', result('a'));
    for (const wrong of [
      { containerId: '' },
      { containerId: '../x' },
      { ifName: 'a/b' },
      { ifName: 'a'.repeat(16) },
      { netns: '' },
    ])
      expect(await rejection(addNetworkList(network(), options(wrong)))).toMatchObject({ code: 4 });
    expect(await rejection(addNetworkList(network('1.0.0', { name: '../n' }), options()))).toMatchObject({ code: 7 });
    expect(await rejection(addNetworkList(network('1.0.0', { plugins: [] }), options()))).toMatchObject({ code: 7 });
    expect(() => readFileSync(log)).toThrow();
  });
});

describe('a plugin that breaks the protocol is named, with what it did:', () => {
  const add = (type: string, more: Partial<AttachmentOptions> = {}): Promise<unknown> =>
    rejection(addNetworkList(network('1.0.0', { plugins: [{ type }] }), options(more)));

  it('one that prints garbage', async () => {
    plugin('bad', 'echo hello');
    const error = await add('bad');
    expect(error).toBeInstanceOf(PluginOutputError);
    expect((error as Error).message).toMatch(
      /^network "net", plugins\[0\] \(bad\): the plugin "bad" \(ADD\) printed something other than a result: result: is not JSON: [\s\S]*; it printed "hello"$/,
    );
  });

  it('one whose result is wrong', async () => {
    plugin('bad', `echo '{"cniVersion":"1.0.0","ips":[{"address":"192.0.2.1"}]}'`);
    expect((await add('bad')) as Error).toMatchObject({
      name: 'PluginOutputError',
      message: expect.stringContaining('ips[0].address: "192.0.2.1" has no prefix length'),
    });
  });

  it('one that fails with garbage', async () => {
    plugin('bad', 'echo oops; echo more >&2; exit 3');
    expect(await add('bad')).toMatchObject({
      name: 'PluginOutputError',
      message: expect.stringContaining(
        'the plugin "bad" (ADD) ended with exit code 3 and printed something other than an error document; it printed "oops" and said "more"',
      ),
    });
  });

  it('one that fails with words on standard error only', async () => {
    plugin('bad', 'echo "no such device" >&2; exit 1');
    const error = await add('bad');
    expect(error).toBeInstanceOf(PluginFailedError);
    expect((error as Error).message).toContain('ended with exit code 1; it said "no such device"');
  });

  it('one that exits without a word, with an error or without', async () => {
    plugin('bad', 'exit 2');
    expect(await add('bad')).toBeInstanceOf(PluginSilentError);
    expect(((await add('bad')) as Error).message).toContain('ended with exit code 2 and without a word');
    plugin('bad', 'exit 0');
    expect(await add('bad')).toBeInstanceOf(PluginSilentError);
    expect(((await add('bad')) as Error).message).toContain('the plugin "bad" (ADD) succeeded, but printed no result');
  });

  it('one that is killed', async () => {
    plugin('bad', 'kill -9 $$');
    expect(((await add('bad')) as Error).message).toContain('was ended by SIGKILL and without a word');
  });

  it('one that hangs, and whatever it has started', async () => {
    plugin('bad', `sleep 1000 & echo $! > ${folder}/child; echo waiting >&2; wait`);
    const error = await add('bad', { timeout: 500 });
    expect(error).toBeInstanceOf(PluginTimeoutError);
    expect((error as Error).message).toContain(
      'the plugin "bad" (ADD) had not ended after 500 ms and was killed; it said "waiting"',
    );
    const child = readFileSync(`${folder}/child`, 'utf8').trim();
    await retryUntil(() => {
      try {
        return /^State:\s+[ZX]/m.test(readFileSync(`/proc/${child}/status`, 'utf8'));
      } catch {
        return true;
      }
    });
  });

  it('one that has ended but left its output open in a process that went away', async () => {
    plugin('bad', `setsid sleep 3 & exit 0`);
    expect(await add('bad', { timeout: 500 })).toBeInstanceOf(PluginTimeoutError);
  });

  it('one that prints without end', async () => {
    plugin('bad', 'yes');
    expect(await add('bad')).toMatchObject({
      name: 'PluginOutputError',
      message: expect.stringContaining('printed without end'),
    });
  });

  it('one that does not read its configuration is none', async () => {
    writeFileSync(path.join(bin, 'deaf'), `#!/bin/sh\nexec 0<&-\necho '{"cniVersion":"1.0.0"}'\n`, { mode: 0o755 });
    const list = network('1.0.0', { plugins: [{ type: 'deaf', pad: 'x'.repeat(1_000_000) }] });
    expect(await addNetworkList(list, options())).toEqual({ cniVersion: '1.0.0' });
  });

  it('one that is not there, is not a file or may not be run', async () => {
    const error = await add('absent');
    expect(error).toBeInstanceOf(PluginNotFoundError);
    expect((error as Error).message).toBe(
      `network "net", plugins[0] (absent): the plugin "absent" was not found; searched ${bin}; install it there or give its directory as \`path\` (CNI_PATH)`,
    );
    mkdirSync(path.join(bin, 'folder'));
    expect(await add('folder')).toBeInstanceOf(PluginNotFoundError);
    expect(await add('../bin')).toMatchObject({ code: 7 });
    if (process.getuid?.() !== 0) return;
    writeFileSync(path.join(bin, 'text'), '', { mode: 0o644 });
    expect(((await add('text')) as Error).message).toContain('may not be executed by this user');
  });

  it('one whose interpreter is missing', async () => {
    writeFileSync(path.join(bin, 'text'), '#!/no/such/interpreter\n', { mode: 0o755 });
    expect(await add('text')).toMatchObject({
      name: 'PluginFailedError',
      message: expect.stringContaining('could not be started'),
    });
  });

  it('and one that is ended by its caller is ended', async () => {
    plugin('slow', 'sleep 1000');
    const controller = new AbortController();
    const running = add('slow', { signal: controller.signal });
    await retryUntil(() => calls().length > 0 || undefined).catch(() => {});
    controller.abort(new Error('enough'));
    expect(await running).toMatchObject({ message: 'enough' });
  });
});

describe('the cache', () => {
  it("has libcni's format and place, and is for the owner only", async () => {
    plugin('one', result('a'));
    plugin('two', result('b'));
    const list = network();
    await addNetworkList(list, options({ args: { A: 'b' }, capabilityArgs: { mac: 'x' } }));
    const [file = ''] = readdirSync(path.join(folder, 'cache/results'));
    expect(file).toBe('net-c1-eth0');
    const content = JSON.parse(readFileSync(path.join(folder, 'cache/results', file), 'utf8')) as { config: string };
    expect(content).toEqual({
      kind: 'cniCacheV1',
      containerId: 'c1',
      config: Buffer.from(JSON.stringify(list)).toString('base64'),
      ifName: 'eth0',
      networkName: 'net',
      netns: '/run/netns/c1',
      cniArgs: [['A', 'b']],
      capabilityArgs: { mac: 'x' },
      result: { cniVersion: '1.0.0', interfaces: [{ name: 'b' }] },
    });
    expect(await getCachedAttachment(list, options())).toMatchObject({ network: 'net', args: { A: 'b' } });
    expect(readdirSync(path.join(folder, 'cache'))).toEqual(['results']);
  });

  it('with a broken entry does not keep a container from being deleted', async () => {
    plugin('one', result('a'));
    plugin('two', result('b'));
    await addNetworkList(network(), options());
    writeFileSync(path.join(folder, 'cache/results/net-c1-eth0'), '{');
    writeFileSync(path.join(folder, 'cache/results/other'), 'x');
    forget();
    await delNetworkList(network(), options());
    expect(calls().map((call) => call.command)).toEqual(['DEL', 'DEL']);
    expect(readdirSync(path.join(folder, 'cache/results'))).toEqual(['other']);
  });
});

describe('garbage collection', () => {
  it('deletes what is not valid any more and tells the plugins what is', async () => {
    plugin('one', result('a', '1.1.0'));
    plugin('two', result('b', '1.1.0'));
    const list = network('1.1.0');
    for (const containerId of ['c1', 'c2']) await addNetworkList(list, options({ containerId }));
    await addNetworkList({ ...list, name: 'other' }, options({ containerId: 'c3' }));
    forget();
    const { containerId: _c, ifName: _i, netns: _n, ...run } = options();
    await gcNetworkList(list, { ...run, validAttachments: [{ containerId: 'c2', ifName: 'eth0' }] });
    expect(calls().map((call) => `${call.command} ${call.plugin} ${call.id}`)).toEqual([
      'DEL two c1',
      'DEL one c1',
      'GC one ',
      'GC two ',
    ]);
    expect(calls()[2]?.stdin).toMatchObject({
      'cni.dev/valid-attachments': [{ containerID: 'c2', ifname: 'eth0' }],
      'cni.dev/attachments': [{ containerID: 'c2', ifname: 'eth0' }],
    });
    expect((await listAttachments(run.cacheDir)).map((attachment) => attachment.containerId)).toEqual(['c2', 'c3']);
    forget();
    await gcNetworkList({ ...list, disableGC: true }, { ...run, validAttachments: [] });
    expect(readFileSync(log, 'utf8')).toBe('');
  });

  it('goes on after an error and reports all of them', async () => {
    plugin('one', `[ "$CNI_COMMAND" = GC ] && echo '{"code":11,"msg":"busy"}' && exit 1`);
    plugin('two', `[ "$CNI_COMMAND" = GC ] && exit 1`);
    const { containerId: _c, ifName: _i, netns: _n, ...run } = options();
    const error = await rejection(gcNetworkList(network('1.1.0'), { ...run, validAttachments: [] }));
    expect(error).toBeInstanceOf(SeveralCniErrors);
    expect((error as SeveralCniErrors).errors.map((each) => each.name)).toEqual(['CniError', 'PluginSilentError']);
    expect(error).toMatchObject({ code: 11 });
  });
});

describe('options', () => {
  it('that are not known, or not an object, are refused by name before a plugin is run', async () => {
    plugin('one', result('a'));
    const calls: Record<string, (options: never) => Promise<unknown>> = {
      addNetworkList: (given) => addNetworkList(network(), given),
      checkNetworkList: (given) => checkNetworkList(network(), given),
      delNetworkList: (given) => delNetworkList(network(), given),
      gcNetworkList: (given) => gcNetworkList(network(), given),
      gcNetworks: (given) => gcNetworks([network()], given),
      statusNetworkList: (given) => statusNetworkList(network(), given),
      validateNetworkList: (given) => validateNetworkList(network(), given),
      getPluginVersions: (given) => getPluginVersions('one', given),
      invokePlugin: (given) => invokePlugin(given),
      loadNetworkList: (given) => loadNetworkList(folder, 'net', given),
      loadAllNetworks: (given) => loadAllNetworks(folder, given),
      loadDefaultNetwork: (given) => loadDefaultNetwork(folder, given),
    };
    for (const [name, call] of Object.entries(calls)) {
      expect(await rejection(call({ timeoutMs: 5 } as never))).toMatchObject({
        name: 'CniError',
        message: expect.stringContaining(`${name} has no option "timeoutMs"`),
      });
      expect(await rejection(call(null as never))).toMatchObject({
        name: 'CniError',
        message: `the options of ${name} must be an object, not null`,
      });
    }
    expect(existsSync(log)).toBe(false);
  });
});

describe('the status of a network', () => {
  it('is that of the first plugin that is not ready', async () => {
    plugin('one', 'exit 0');
    plugin('two', `echo '{"code":50,"msg":"the daemon is not running"}'; exit 1`);
    expect(await rejection(statusNetworkList(network('1.1.0'), { path: bin }))).toMatchObject({ code: 50 });
    expect(calls().map((call) => call.command)).toEqual(['STATUS', 'STATUS']);
  });

  it('before 1.1.0 is not asked for', async () => {
    await statusNetworkList(network('1.0.0'), { path: bin });
  });
});

describe('the versions of a plugin', () => {
  it('are what it answers to VERSION, or 0.1.0 if it does not know the command', async () => {
    plugin('one', `echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}'`);
    plugin('two', `echo '{"code":4,"msg":"unknown CNI_COMMAND: VERSION"}'; exit 1`);
    expect(await getPluginVersions('one', { path: bin })).toEqual({
      cniVersion: '1.0.0',
      supportedVersions: ['0.4.0', '1.0.0'],
    });
    expect((await getPluginVersions('two', { path: bin })).supportedVersions).toEqual(['0.1.0']);
    const error = await rejection(validateNetworkList(network(), { path: bin }));
    expect((error as Error).message).toBe(
      'network "net", plugins[1] (two) does not speak version 1.0.0; it speaks 0.1.0',
    );
  });

  it('of plugins older than the command or its list are those of the time', async () => {
    // Such plugins want the variables of ADD, whatever the command is.
    const variables = '[ -n "$CNI_CONTAINERID" ] && [ -n "$CNI_NETNS" ] && [ -n "$CNI_IFNAME" ] || exit 1';
    plugin('one', `${variables}; echo '{"cniVersion":"0.2.0"}'`);
    expect((await getPluginVersions('one', { path: bin })).supportedVersions).toEqual(['0.1.0', '0.2.0']);
    for (const answer of ['{"cniVersion":"0.3.0"}', '{"cniVersion":"","supportedVersions":["1.0.0"]}']) {
      plugin('one', `echo '${answer}'`);
      await expect(getPluginVersions('one', { path: bin })).rejects.toBeInstanceOf(PluginOutputError);
    }
  });

  it('a plugin can be run alone, its standard error handed on', async () => {
    plugin('one', 'echo note >&2; [ "$CNI_COMMAND" = DEL ] || exit 1');
    const said: string[] = [];
    await invokePlugin({
      command: 'DEL',
      config: { type: 'one', name: 'n', cniVersion: '1.0.0' },
      containerId: 'c',
      ifName: 'eth0',
      path: [bin],
      onStderr: (text, type) => said.push(`${type}: ${text}`),
    });
    expect(said).toEqual(['one: note\n']);
  });
});

describe('loading a network', () => {
  const write = (name: string, content: unknown): void => {
    const file = path.join(folder, 'net.d', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  };
  const load = (name: string): Promise<NetworkConfigList> => loadNetworkList(path.join(folder, 'net.d'), name);

  it('finds the first list of that name', async () => {
    write('20.conflist', { name: 'net', cniVersion: '1.0.0', plugins: [{ type: 'second' }] });
    write('10.conflist', { name: 'net', cniVersion: '0.4.0', plugins: [{ type: 'first' }] });
    write('05.conflist', { name: 'other', plugins: [{ type: 'x' }] });
    write('00.conf', { name: 'net', type: 'single' });
    expect((await load('net')).plugins).toEqual([{ type: 'first' }]);
  });

  it('takes a single plugin for a list of one', async () => {
    write('net.conf', { name: 'net', cniVersion: '0.3.1', type: 'single', key: 1 });
    expect(await load('net')).toEqual({
      name: 'net',
      cniVersion: '0.3.1',
      plugins: [{ name: 'net', cniVersion: '0.3.1', type: 'single', key: 1 }],
    });
  });

  it('adds the plugins in the folder of its name, unless the list forbids it', async () => {
    write('net.conflist', { name: 'net', cniVersion: '1.1.0' });
    write('net/2.conf', { type: 'two' });
    write('net/1.conf', { type: 'one' });
    expect((await load('net')).plugins).toEqual([{ type: 'one' }, { type: 'two' }]);
    write('net.conflist', {
      name: 'net',
      cniVersion: '1.1.0',
      loadOnlyInlinedPlugins: true,
      plugins: [{ type: 'zero' }],
    });
    expect((await load('net')).plugins).toEqual([{ type: 'zero' }]);
  });

  it('that is not there says where it was looked for and what there is', async () => {
    write('a.conflist', { name: 'other', plugins: [{ type: 'x' }] });
    const error = await rejection(load('net'));
    expect(error).toBeInstanceOf(NetworkNotFoundError);
    expect((error as Error).message).toBe(`there is no network "net" in ${folder}/net.d; there are "other"`);
    expect(await rejection(loadNetworkList(path.join(folder, 'absent'), 'net'))).toBeInstanceOf(NetworkNotFoundError);
  });

  it('names file and place of a mistake', async () => {
    write('a.conflist', { name: 'net', plugins: [{ type: 7 }] });
    expect(await rejection(load('net'))).toMatchObject({
      message: `${folder}/net.d/a.conflist: plugins[0].type: is 7, not a string`,
      place: 'plugins[0].type',
    });
    write('a.conflist', '{');
    expect(((await rejection(load('net'))) as Error).message).toMatch(
      /a\.conflist: network configuration: is not JSON/,
    );
    write('a.conflist', { name: 'net' });
    expect(((await rejection(load('net'))) as Error).message).toMatch(
      /a\.conflist: plugins: is missing, and .*net\.d\/net has no \.conf file/,
    );
  });
});

describe('networks of a directory', () => {
  const write = (name: string, content: unknown): void => {
    mkdirSync(path.join(folder, 'net.d'), { recursive: true });
    writeFileSync(path.join(folder, 'net.d', name), typeof content === 'string' ? content : JSON.stringify(content));
  };
  const directory = (): string => path.join(folder, 'net.d');

  it('are loaded all, files that are wrong passed over and told', async () => {
    write('30-c.conflist', { name: 'c', plugins: [{ type: 'a' }] });
    write('10-a.conf', { name: 'a', type: 'bridge' });
    write('20-b.conflist', '{');
    write('25-nameless.conf', { type: 'bridge' });
    write('40-d.txt', '{');
    const { networks, errors } = await loadAllNetworks(directory());
    expect(networks.map(({ name }) => name)).toEqual(['a', 'c']);
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/20-b\.conflist: network configuration list: is not JSON/),
      expect.stringMatching(/25-nameless\.conf: name: is missing/),
    ]);
  });

  it('have a default: the first that can be loaded', async () => {
    write('10-broken.conflist', { name: 'x', plugins: [] });
    write('20-good.conf', { name: 'good', type: 'bridge' });
    expect((await loadDefaultNetwork(directory())).name).toBe('good');
    rmSync(path.join(directory(), '20-good.conf'));
    await expect(loadDefaultNetwork(directory())).rejects.toThrow(/10-broken\.conflist: plugins: is empty/);
    await expect(loadDefaultNetwork(path.join(folder, 'none'))).rejects.toBeInstanceOf(NetworkNotFoundError);
  });

  it('are collected together', async () => {
    plugin('a', result('eth0'));
    const list = (name: string): NetworkConfigList => ({ cniVersion: '1.0.0', name, plugins: [{ type: 'a' }] });
    const options = { path: [bin], cacheDir: path.join(folder, 'cache') };
    for (const name of ['one', 'two', 'three'])
      for (const containerId of ['c1', 'c2'])
        await addNetworkList(list(name), { ...options, containerId, netns: '/x', ifName: 'eth0' });
    await gcNetworks([list('one'), list('two')], {
      ...options,
      validAttachments: [{ network: 'one', containerId: 'c1', ifName: 'eth0' }],
    });
    expect((await listAttachments(options.cacheDir)).map((left) => `${left.network} ${left.containerId}`)).toEqual([
      'one c1',
      'three c1',
      'three c2',
    ]);
  });
});

describe('what was remembered', () => {
  const list = (name: string, ...types: string[]): NetworkConfigList => ({
    cniVersion: '1.0.0',
    name,
    plugins: types.map((type) => ({ type })),
  });
  const where = (): { path: string[]; cacheDir: string } => ({ path: [bin], cacheDir: path.join(folder, 'cache') });

  it('is not taken for that of another attachment whose file has the same name', async () => {
    plugin('a', result('eth0'));
    const web = { ...where(), containerId: 'web', ifName: 'eth0', netns: '/of/web' };
    const euWeb = { ...where(), containerId: 'eu-web', ifName: 'eth0', netns: '/of/eu-web' };
    await addNetworkList(list('prod', 'a'), euWeb);
    await addNetworkList(list('prod-eu', 'a'), web);
    const remembered = await listAttachments(where().cacheDir);
    expect(remembered.map(({ netns }) => netns).sort()).toEqual(['/of/eu-web', '/of/web']);
    forget();
    const { netns: _, ...del } = euWeb;
    await delNetworkList(list('prod', 'a'), del);
    expect(calls().map(({ command, netns }) => [command, netns])).toEqual([['DEL', '/of/eu-web']]);
    expect((await listAttachments(where().cacheDir)).map(({ containerId }) => containerId)).toEqual(['web']);
    expect(await getCachedAttachment({ name: 'prod-eu' }, { ...web })).toMatchObject({ netns: '/of/web' });
    expect(await getCachedAttachment({ name: 'prod' }, { ...euWeb })).toBeUndefined();
  });

  it('does not lead DEL into a namespace that has come to be under the same path', async () => {
    plugin('a', result('eth0'));
    // Files stand for namespaces here: what counts is that another one is under the path.
    const netns = path.join(folder, 'ns');
    writeFileSync(netns, '');
    const attachment = { ...where(), containerId: 'c1', ifName: 'eth0' };
    for (const replaced of [false, true]) {
      await addNetworkList(list('net', 'a'), { ...attachment, netns });
      if (replaced) {
        writeFileSync(`${netns}.new`, '');
        renameSync(`${netns}.new`, netns);
      }
      forget();
      await delNetworkList(list('net', 'a'), attachment);
      expect(calls().map((call) => call.netns)).toEqual([replaced ? '' : netns]);
    }
  });

  it('does not lead DEL into the namespace of a process, where its runtime has not noted which process that was', async () => {
    plugin('a', result('eth0'));
    const attachment = { ...where(), containerId: 'c1', ifName: 'eth0' };
    const netns = `/proc/${process.pid}/ns/net`;
    await addNetworkList(list('net', 'a'), { ...attachment, netns });
    forget();
    await delNetworkList(list('net', 'a'), attachment);
    expect(calls().map((call) => call.netns)).toEqual([netns]);

    await addNetworkList(list('net', 'a'), { ...attachment, netns });
    const file = path.join(where().cacheDir, 'results', 'net-c1-eth0');
    const { netnsIdentity, ...asLibcni } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    expect(netnsIdentity).toMatchObject({ pid: process.pid, started: expect.stringMatching(/^\d+$/) });
    writeFileSync(file, JSON.stringify(asLibcni));
    forget();
    await delNetworkList(list('net', 'a'), attachment);
    expect(calls().map((call) => call.netns)).toEqual(['']);
  });

  it('gets to DEL as it was printed, also where it is not a result that can be read', async () => {
    plugin('a', result('eth0'));
    const cache = path.join(where().cacheDir, 'results');
    mkdirSync(cache, { recursive: true });
    const unreadable = { cniVersion: '0.4.0', ips: [{ address: 'dhcp' }] };
    writeFileSync(
      path.join(cache, 'net-c1-eth0'),
      JSON.stringify({
        kind: 'cniCacheV1',
        containerId: 'c1',
        ifName: 'eth0',
        networkName: 'net',
        config: '',
        netns: '/of/c1',
        cniArgs: [['K8S_POD_NAME', 'web']],
        result: unreadable,
      }),
    );
    expect(await listAttachments(where().cacheDir)).toHaveLength(1);
    await delNetworkList(list('net', 'a'), { ...where(), containerId: 'c1', ifName: 'eth0' });
    expect(calls()).toMatchObject([{ netns: '/of/c1', args: 'K8S_POD_NAME=web', stdin: { prevResult: unreadable } }]);
  });

  it('stays if a plugin is missing, and the others are run', async () => {
    plugin('a', result('eth0'));
    plugin('c', result('eth0'));
    plugin('b', result('eth0'));
    const attachment = { ...where(), containerId: 'c1', ifName: 'eth0' };
    await addNetworkList(list('net', 'a', 'b', 'c'), { ...attachment, netns: '/x' });
    rmSync(path.join(bin, 'b'));
    forget();
    await expect(delNetworkList(list('net', 'a', 'b', 'c'), attachment)).rejects.toBeInstanceOf(PluginNotFoundError);
    expect(calls().map((call) => call.plugin)).toEqual(['c', 'a']);
    expect(await listAttachments(where().cacheDir)).toHaveLength(1);
  });
});

describe('plugins of another place', () => {
  it('are found and run by an executor of the caller', async () => {
    const ran: [string, string | undefined][] = [];
    const executor: PluginExecutor = {
      find: (type) => Promise.resolve(`remote:${type}`),
      run: (file, { env }) => {
        ran.push([file, env.CNI_COMMAND]);
        return Promise.resolve({ code: 0, signal: null, stdout: '{"cniVersion":"1.0.0","ips":[]}', stderr: '' });
      },
    };
    const list = { cniVersion: '1.0.0', name: 'net', plugins: [{ type: 'a' }] };
    const attachment = { containerId: 'c1', ifName: 'eth0', netns: 'vm:1', cacheDir: path.join(folder, 'cache') };
    await addNetworkList(list, { ...attachment, executor });
    await delNetworkList(list, { ...attachment, executor });
    expect(ran).toEqual([
      ['remote:a', 'ADD'],
      ['remote:a', 'DEL'],
    ]);
  });

  it('are not started after the abort, also while their file is busy', async () => {
    plugin('a', result('eth0'));
    const busy = openSync(path.join(bin, 'a'), 'r+');
    try {
      const controller = new AbortController();
      const reason = new Error('no longer wanted');
      const call = invokePlugin({
        command: 'DEL',
        config: { cniVersion: '1.0.0', name: 'net', type: 'a' },
        containerId: 'c1',
        ifName: 'eth0',
        path: [bin],
        signal: controller.signal,
      });
      setTimeout(() => controller.abort(reason), 50);
      await expect(call).rejects.toBe(reason);
    } finally {
      closeSync(busy);
    }
    expect(existsSync(log)).toBe(false);
  });
});
