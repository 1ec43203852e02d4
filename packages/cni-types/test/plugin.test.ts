import { PassThrough, Readable } from 'node:stream';
import { CniError, type CniVersion } from 'cni-types';
import { type PluginHandlers, type PluginRequest, runPlugin } from 'cni-types/plugin';
import { describe, expect, it } from 'vitest';
import { makeNamespaces, runProgram, uniqueName } from '#testkit';

interface Answered {
  code: number;
  stdout: string;
  stderr: string;
  /** The output as JSON. */
  json: Record<string, unknown>;
}

/** Runs a plugin in this process, with an environment, input and output of its own. */
async function ask(
  handlers: Partial<PluginHandlers>,
  env: Record<string, string>,
  config: unknown = { cniVersion: '1.0.0', name: 'net', type: 'mine' },
): Promise<Answered> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const stdin = Readable.from([Buffer.from(typeof config === 'string' ? config : JSON.stringify(config))]);
  const code = await runPlugin({ add: () => undefined, del: () => {}, ...handlers }, { env, stdin, stdout, stderr });
  const out = String(stdout.read() ?? '');
  return {
    code,
    stdout: out,
    stderr: String(stderr.read() ?? ''),
    json: out === '' ? {} : (JSON.parse(out) as Record<string, unknown>),
  };
}

const env = (command: string, more: Record<string, string> = {}): Record<string, string> => ({
  CNI_COMMAND: command,
  CNI_CONTAINERID: 'c1',
  CNI_NETNS: '/proc/self/ns/mnt',
  CNI_IFNAME: 'eth0',
  CNI_PATH: '/a:/b',
  ...more,
});

describe('a plugin', () => {
  it('gets its environment and configuration, checked', async () => {
    const requests: PluginRequest[] = [];
    const config = {
      cniVersion: '0.4.0',
      name: 'net',
      type: 'mine',
      own: [1],
      prevResult: { ips: [{ version: '4', address: '192.0.2.1/24' }] },
    };
    await ask(
      {
        add: (request) => {
          requests.push(request);
          return undefined;
        },
      },
      env('ADD', { CNI_ARGS: 'A=1;B=2' }),
      config,
    );
    expect(requests).toEqual([
      {
        command: 'ADD',
        containerId: 'c1',
        netns: '/proc/self/ns/mnt',
        ifName: 'eth0',
        args: { A: '1', B: '2' },
        path: ['/a', '/b'],
        config,
        cniVersion: '0.4.0',
        prevResult: { cniVersion: '0.4.0', ips: [{ version: '4', address: '192.0.2.1/24' }] },
        validAttachments: [],
        portMappings: [],
        ipRanges: [],
        delegate: expect.any(Function),
      },
    ]);
  });

  it('answers in the version that it is asked in, whatever it returns', async () => {
    const add = (): object => ({ ips: [{ address: '192.0.2.1/24', gateway: '192.0.2.254' }] });
    const asked = async (cniVersion: string | undefined): Promise<unknown> =>
      (await ask({ add }, env('ADD'), { cniVersion, name: 'net', type: 'mine' })).json;
    const ip = { address: '192.0.2.1/24', gateway: '192.0.2.254' };
    expect(await asked('1.1.0')).toEqual({ cniVersion: '1.1.0', ips: [ip] });
    expect(await asked('0.4.0')).toEqual({ cniVersion: '0.4.0', ips: [{ version: '4', ...ip }], dns: {} });
    expect(await asked(undefined)).toEqual({
      cniVersion: '0.1.0',
      ip4: { ip: '192.0.2.1/24', gateway: '192.0.2.254' },
      dns: {},
    });
  });

  it('that returns nothing passes the result of the plugin before on', async () => {
    const prevResult = { cniVersion: '1.0.0', interfaces: [{ name: 'eth0' }] };
    const config = { cniVersion: '1.0.0', name: 'net', type: 'mine', prevResult };
    expect((await ask({}, env('ADD'), config)).json).toEqual(prevResult);
    const answered = await ask({}, env('ADD'));
    expect(answered.json).toMatchObject({ code: 999, msg: 'the plugin has added, but returned no result' });
  });

  it('reports all the missing variables at once', async () => {
    const missing = async (command: string): Promise<unknown> =>
      (await ask({}, { CNI_COMMAND: command, ...(command === 'X' ? {} : {}) })).json;
    expect(await missing('ADD')).toMatchObject({
      code: 4,
      msg: 'required env variables [CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME] missing',
    });
    expect(await missing('DEL')).toMatchObject({ msg: 'required env variables [CNI_CONTAINERID,CNI_IFNAME] missing' });
    expect(await missing('GC')).toMatchObject({ msg: 'required env variables [CNI_PATH] missing' });
    expect((await ask({}, {})).json).toMatchObject({ code: 4, msg: 'required env variables [CNI_COMMAND] missing' });
    expect(await missing('JUMP')).toMatchObject({ code: 4, msg: 'unknown CNI_COMMAND: JUMP' });
  });

  it('deletes without a namespace', async () => {
    const { CNI_NETNS: _, ...without } = env('DEL');
    let netns = '?';
    const del = (request: PluginRequest): void => {
      netns = request.netns;
    };
    const answered = await ask({ del }, without);
    expect(answered).toMatchObject({ code: 0, stdout: '' });
    expect(netns).toBe('');
  });

  it('refuses names and documents that are wrong, with their codes', async () => {
    const cases: [Record<string, string>, unknown, object][] = [
      [{ CNI_CONTAINERID: '../x' }, undefined, { code: 4 }],
      [{ CNI_IFNAME: 'a/b' }, undefined, { code: 4 }],
      [{ CNI_ARGS: 'x' }, undefined, { code: 4 }],
      [{ CNI_NETNS: '/proc/self/ns/net' }, undefined, { code: 8 }],
      [{}, '{', { code: 6 }],
      [{}, '', { code: 6 }],
      [{}, { type: 'mine' }, { code: 7, msg: "the network's name must not be empty" }],
      [{}, { name: 'a b', type: 'mine' }, { code: 7 }],
      [{}, { name: 'net', type: 'mine', cniVersion: '9.0.0' }, { code: 1 }],
      [{}, { name: 'net', type: 'mine', cniVersion: 'new' }, { code: 1 }],
      [{}, { name: 'net', type: 'mine', cniVersion: 1 }, { code: 6 }],
      [{}, { name: 'net', type: 'mine', ipam: 7 }, { code: 7, msg: 'ipam: is 7, not an object' }],
      [
        {},
        { name: 'net', type: 'mine', runtimeConfig: { mac: 7 } },
        { code: 7, msg: 'runtimeConfig.mac: is 7, not a string' },
      ],
    ];
    for (const [variables, config, error] of cases) {
      const answered = await ask({}, env('ADD', variables), config);
      expect(answered.json).toMatchObject({ cniVersion: expect.any(String), ...error });
      expect(answered.code).toBe(1);
    }
  });

  it('refuses a version that it does not speak', async () => {
    const version: CniVersion[] = ['0.3.1', '0.4.0'];
    expect((await ask({ version }, env('ADD'))).json).toEqual({
      cniVersion: '1.0.0',
      code: 1,
      msg: 'incompatible CNI versions',
      details: 'config is "1.0.0", plugin supports ["0.3.1","0.4.0"]',
    });
    expect(JSON.parse((await ask({ version }, { CNI_COMMAND: 'VERSION' })).stdout)).toEqual({
      cniVersion: '0.4.0',
      supportedVersions: version,
    });
  });

  it('has CHECK from 0.4.0 on, GC and STATUS from 1.1.0 on', async () => {
    const called: string[] = [];
    const handlers = {
      check: () => void called.push('check'),
      gc: ({ validAttachments }: PluginRequest) => void called.push(`gc ${JSON.stringify(validAttachments)}`),
      status: () => void called.push('status'),
    };
    const at = (cniVersion: string): object => ({
      cniVersion,
      name: 'net',
      type: 'mine',
      'cni.dev/valid-attachments': [{ containerID: 'c1', ifname: 'eth0' }],
    });
    for (const [command, since, before] of [
      ['CHECK', '0.4.0', '0.3.1'],
      ['GC', '1.1.0', '1.0.0'],
      ['STATUS', '1.1.0', '1.0.0'],
    ] as const) {
      expect(await ask(handlers, env(command), at(since))).toMatchObject({ code: 0, stdout: '' });
      expect((await ask(handlers, env(command), at(before))).json).toMatchObject({
        code: 1,
        msg: `config version does not allow ${command}`,
      });
    }
    expect(called).toEqual(['check', 'gc [{"containerID":"c1","ifname":"eth0"}]', 'status']);
    // The version is looked at before the list, which older versions do not have.
    expect((await ask(handlers, env('GC'), { cniVersion: '1.0.0', name: 'net', type: 'mine' })).json).toMatchObject({
      code: 1,
    });
    const { CNI_PATH: _, ...withoutPath } = env('STATUS');
    expect((await ask(handlers, withoutPath, at('1.1.0'))).code).toBe(0);
    called.pop();
    const { code, json } = await ask(handlers, env('GC'), { cniVersion: '1.1.0', name: 'net', type: 'mine' });
    expect({ code, json }).toMatchObject({ code: 1, json: { code: 7 } });
  });

  it("prints a handler's error with its code, and any other as 999 with its stack on standard error", async () => {
    const failing = (error: unknown): Partial<PluginHandlers> => ({
      del: () => {
        throw error;
      },
    });
    const known = await ask(failing(new CniError({ code: 11, msg: 'busy', details: 'later' })), env('DEL'));
    expect(known).toMatchObject({
      code: 1,
      stderr: '',
      json: { cniVersion: '1.0.0', code: 11, msg: 'busy', details: 'later' },
    });
    const unknown = await ask(failing(new TypeError('oops')), env('DEL'));
    expect(unknown).toMatchObject({ code: 1, json: { code: 999, msg: 'oops' } });
    expect(unknown.stderr).toContain('TypeError: oops\n    at ');
  });

  it('is never asked to add to, or to delete from, the namespace that it is in itself', async () => {
    const called: string[] = [];
    const handlers: Partial<PluginHandlers> = {
      add: ({ command }) => {
        called.push(command);
        return { ips: [] };
      },
      del: ({ command }) => void called.push(command),
    };
    const own = { CNI_NETNS: '/proc/self/ns/net' };
    for (const command of ['ADD', 'DEL'])
      expect((await ask(handlers, env(command, own))).json).toMatchObject({
        code: 8,
        msg: expect.stringContaining('is the one that the plugin itself is in'),
      });
    expect(called).toEqual([]);
    for (const command of ['ADD', 'DEL'])
      expect((await ask(handlers, env(command, { ...own, CNI_NETNS_OVERRIDE: '1' }))).code).toBe(0);
    expect(called).toEqual(['ADD', 'DEL']);
  });

  it('is called with a namespace that is not a file here, for it may be one of another machine', async () => {
    const netns: string[] = [];
    const handlers: Partial<PluginHandlers> = {
      add: (request) => {
        netns.push(request.netns);
        return { ips: [] };
      },
    };
    for (const CNI_NETNS of ['vm:17', '/no/such/file'])
      expect((await ask(handlers, env('ADD', { CNI_NETNS }))).code).toBe(0);
    expect(netns).toEqual(['vm:17', '/no/such/file']);
  });

  it('reads what the runtime passes for capabilities, whatever the case of its keys', async () => {
    const seen: unknown[] = [];
    const handlers: Partial<PluginHandlers> = {
      del: ({ portMappings, bandwidth, dns, ipRanges, mac }) =>
        void seen.push({ portMappings, bandwidth, dns, ipRanges, mac }),
    };
    const base = { cniVersion: '1.0.0', name: 'net', type: 'mine' };
    const runtimeConfig = {
      podman: {
        portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp', hostIP: '192.0.2.1' }],
        bandwidth: { ingressRate: 8, ingressBurst: 16 },
        dns: { servers: ['192.0.2.53'], searches: ['a.example'] },
        ipRanges: [[{ subnet: '192.0.2.0/24', gateway: '' }]],
        mac: '02:00:00:00:00:01',
      },
      containerd: {
        portMappings: [{ HostPort: 8080, ContainerPort: 80, Protocol: 'TCP', HostIP: '192.0.2.1' }],
        bandwidth: { IngressRate: 8, IngressBurst: 16, EgressRate: 0, EgressBurst: 0 },
        dns: { Servers: ['192.0.2.53'], Searches: ['a.example'], Options: null },
        IPRanges: [[{ Subnet: '192.0.2.0/24' }]],
        MAC: '02:00:00:00:00:01',
      },
    };
    for (const runtime of Object.values(runtimeConfig))
      expect((await ask(handlers, env('DEL'), { ...base, runtimeConfig: runtime })).code).toBe(0);
    expect(seen[0]).toEqual({
      portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp', hostIP: '192.0.2.1' }],
      bandwidth: { ingressRate: 8, ingressBurst: 16, egressRate: 0, egressBurst: 0 },
      dns: { servers: ['192.0.2.53'], searches: ['a.example'], options: [] },
      ipRanges: [[{ subnet: '192.0.2.0/24' }]],
      mac: '02:00:00:00:00:01',
    });
    expect(seen[1]).toEqual(seen[0]);
    await ask(handlers, env('DEL'), base);
    expect(seen[2]).toEqual({ portMappings: [], ipRanges: [] });
  });

  it('run by hand says what it is', async () => {
    const answered = await ask({ about: 'mine, a plugin', version: ['1.0.0'] }, {});
    expect(answered).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'mine, a plugin\nCNI protocol versions supported: 1.0.0\n',
    });
  });

  it('delegates to an IPAM plugin with its own environment and configuration', async () => {
    const config = {
      cniVersion: '1.0.0',
      name: 'net',
      type: 'mine',
      ipam: { type: 'static', addresses: [{ address: '192.0.2.7/24', gateway: '192.0.2.1' }] },
    };
    const answered = await ask(
      { add: (request) => request.delegate('static') },
      env('ADD', { CNI_PATH: '/usr/lib/cni' }),
      config,
    );
    expect(answered.json).toMatchObject({ cniVersion: '1.0.0', ips: [{ address: '192.0.2.7/24' }] });
    const failed = await ask(
      { add: (request) => request.delegate('static') },
      env('ADD', { CNI_PATH: '/usr/lib/cni' }),
      { ...config, ipam: { type: 'static', addresses: 7 } },
    );
    // What is wrong below `ipam` is for the IPAM plugin to say.
    expect(failed.json).toMatchObject({ msg: expect.stringContaining('addresses') });
  });
});

describe('a plugin as a program', () => {
  const program = (type: 'module' | 'commonjs'): string =>
    `
    ${type === 'module' ? "import { runPlugin } from 'cni-types/plugin';" : "const { runPlugin } = require('cni-types/plugin');"}
    console.log('before');
    runPlugin({
      add: async ({ ifName }) => {
        console.log('working');
        setInterval(() => {}, 1000);
        return { interfaces: [{ name: ifName }] };
      },
      del: () => {},
    });`.replace("console.log('before');", '');

  for (const type of ['module', 'commonjs'] as const)
    it(`(${type}) prints its result and nothing else, and ends though a timer is running`, async () => {
      const name = uniqueName('pod');
      using _pod = makeNamespaces(name);
      // The configuration comes from a file, as a runtime's pipe would give it.
      const answered = await runProgram(
        `${program(type)}`.replace(
          'runPlugin({',
          "Object.defineProperty(process, 'stdin', { value: (async function* () { yield Buffer.from(process.env.CONFIG); })() });\n    runPlugin({",
        ),
        {
          type,
          env: {
            ...env('ADD', { CNI_NETNS: `/run/netns/${name}` }),
            CONFIG: JSON.stringify({ cniVersion: '1.0.0', name: 'net', type: 'mine' }),
          },
        },
      );
      expect(answered).toMatchObject({ code: 0, stderr: 'working\n' });
      expect(JSON.parse(answered.stdout)).toEqual({
        cniVersion: '1.0.0',
        interfaces: [{ name: 'eth0' }],
        dns: {},
      });
    });
});
