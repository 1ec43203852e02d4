import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidNameError, InvalidOptionError } from 'netns-core';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import {
  createUdpSocket,
  createVrfConnector,
  createVrfFetch,
  createVrfLookup,
  createVrfOriginLookup,
  dial,
  listenInVrf,
  listenInVrfWith,
  VrfAgent,
  VrfHttpAgent,
  VrfHttpsAgent,
} from '../src/index.ts';
import { HTTP_AGENT_OPTIONS, NET_OPTIONS, TLS_OPTIONS } from '../src/options/node-options.ts';
import { UNDICI_CONNECT_OPTIONS, UNDICI_OPTIONS } from '../src/undici/undici-options.ts';

type Options = Record<string, unknown>;

/** Everything that takes a target, given one. Those that open something are never given a target that could be right. */
const CALLS: Readonly<Record<string, (target: Options) => unknown>> = {
  dial: (target) => dial({ ...target, host: '127.0.0.1', port: 9 } as never),
  'dial, as text': (target) => dial('127.0.0.1:9', target as never),
  VrfAgent: (target) => new VrfAgent(target),
  createVrfFetch: (target) => createVrfFetch(target),
  createVrfConnector: (target) => createVrfConnector(target),
  VrfHttpAgent: (target) => new VrfHttpAgent(target),
  VrfHttpsAgent: (target) => new VrfHttpsAgent(target),
  listenInVrf: (target) => listenInVrf(createServer(), { ...target, port: 0 } as never),
  listenInVrfWith: (target) => listenInVrfWith(() => createServer(), { ...target, port: 0 } as never),
  createUdpSocket: (target) => createUdpSocket({ ...target, type: 'udp4' } as never),
  createVrfLookup: (target) => createVrfLookup(target as never),
  createVrfOriginLookup: (target) => createVrfOriginLookup(target as never),
};

/** Those that hand what they do not know on to undici or Node. */
const PASSING = ['VrfAgent', 'createVrfFetch', 'createVrfConnector', 'VrfHttpAgent', 'VrfHttpsAgent'];

async function refusal(call: () => unknown): Promise<Error & { option?: string }> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was accepted');
}

describe.each(Object.entries(CALLS))('%s', (callee, call) => {
  it('refuses a target that names nothing, and says how to name the own namespace', async () => {
    for (const target of [
      {},
      { tos: 8 },
      { vrf: undefined },
      { namespace: undefined },
      { interface: undefined },
      { vrf: undefined, interface: 'lo' },
      { namespace: undefined, interface: 'lo' },
      { vrf: '' },
      { namespace: { vrf: '' } },
    ]) {
      const error = await refusal(() => call(target));
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect(error.message).toContain("namespace: ''");
    }
  });

  it('refuses what is neither a name nor a reference', async () => {
    for (const target of [
      { vrf: null },
      { namespace: null },
      { vrf: null, interface: 'lo' },
      { namespace: null, interface: 'lo' },
      { interface: null },
      { vrf: 'red', namespace: null },
      { vrf: null, namespace: 'ns-red' },
      { vrf: 7 },
      { namespace: {} },
      { namespace: [] },
      { namespace: { name: 'red', directory: '/run/other' } },
      { namespace: { name: 'red', path: '/run/netns/blue' } },
      { namespace: { pid: 1, tdi: 1 } },
      { namespace: { fd: null } },
    ])
      expect(await refusal(() => call(target))).toBeInstanceOf(InvalidOptionError);
    for (const target of [{ vrf: '../x' }, { namespace: 'a/b' }, { namespace: { name: '..' } }])
      expect(await refusal(() => call(target))).toBeInstanceOf(InvalidNameError);
  });

  it('knows what was meant by a misspelt option, and by another word for one', async () => {
    for (const [name, meant] of Object.entries({
      netns: 'namespace',
      ns: 'namespace',
      netnsName: 'namespace',
      network: 'namespace',
      namspace: 'namespace',
      VRF: 'vrf',
      vrfName: 'vrf',
      iface: 'interface',
      device: 'interface',
      dev: 'interface',
      l3mdev: 'interface',
      bindToDevice: 'interface',
      SO_BINDTODEVICE: 'interface',
      interfce: 'interface',
      so_mark: 'mark',
      fwmark: 'mark',
      dscp: 'tos',
      trafficClass: 'tos',
      nameservers: 'dns',
      resolver: 'dns',
      waitForNamepsace: 'waitForNamespace',
    })) {
      const error = await refusal(() => call({ vrf: 'red', [name]: 'x' }));
      expect(error.message).toMatch(new RegExp(`has no option '${name}': did you mean ${meant}\\?`));
      expect(error.option).toBe(name);
      // A name whose value is missing is a mistake as well.
      expect((await refusal(() => call({ vrf: 'red', [name]: undefined }))).message).toContain(meant);
    }
  });

  it('checks below dns and dns.cache', async () => {
    for (const [dns, message] of [
      [{ server: ['192.0.2.53'] }, "dns has no option 'server': did you mean servers?"],
      [{ nameservers: ['192.0.2.53'] }, "dns has no option 'nameservers': did you mean servers?"],
      [{ serch: ['example'] }, "dns has no option 'serch': did you mean search?"],
      [{ servers: '192.0.2.53' }, 'dns.servers must be an array of strings'],
      [{ servers: ['dns.example'] }, "dns.servers: 'dns.example' is not the address of a name server"],
      [{ search: ['a b'] }, "dns.search: 'a b' is not the name of a domain"],
      [{ hosts: 'no' }, 'dns.hosts must be true or false'],
      [{ attempts: 0 }, 'dns.attempts must be an integer'],
      [{ timeout: 0 }, 'dns.timeout must be an integer'],
      [{ cache: { maxTTL: 3 } }, "dns.cache has no option 'maxTTL': did you mean maxTtl?"],
      [{ cache: { ttl: 3 } }, "dns.cache has no option 'ttl': did you mean maxTtl?"],
      [{ cache: { maxTtl: 'x' } }, 'dns.cache.maxTtl must be a number of seconds'],
      [{ cache: { maxTtl: Number.NaN } }, 'dns.cache.maxTtl must be a number of seconds'],
      [{ cache: { maxEntries: -5 } }, 'dns.cache.maxEntries must be an integer'],
      [{ cache: 'no' }, 'dns.cache must be true, false or an object'],
      [[], 'dns must be an object'],
      [null, 'dns must be an object'],
    ] as const)
      expect((await refusal(() => call({ vrf: 'red', dns }))).message).toContain(message);
  });

  it('passes on what only another version of undici or Node can know, and nothing else does', async () => {
    const unheardOf = { vrf: 'red', quantumFlux: true };
    if (PASSING.includes(callee)) await call(unheardOf);
    else expect((await refusal(() => call(unheardOf))).message).toContain("has no option 'quantumFlux': it takes vrf");
  });
});

describe('a text for dial', () => {
  it('names a VRF, or the options do', async () => {
    expect((await refusal(() => dial('192.0.2.1:80'))).message).toContain("namespace: ''");
    expect((await refusal(() => dial('/192.0.2.1:80'))).message).toMatch(/names no VRF before the '\/'/);
    expect((await refusal(() => dial('red/192.0.2.1:80', { namespace: '' }))).message).toMatch(/given twice/);
    await expect(dial('127.0.0.1:9', { namespace: '' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(dial('127.0.0.1:9', { interface: 'lo' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(dial('127.0.0.1:9', { vrf: 'nosuch' })).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('options that are passed on', () => {
  const refusedAnyway = new Set(['socketPath', 'path', 'socket', 'typeOfService', 'createConnection', 'proxyEnv']);

  /** Property names of types, as TypeScript sees them. */
  function propertiesOf(types: Readonly<Record<string, string>>): Record<string, string[]> {
    const file = fileURLToPath(new URL('option-types.ts', import.meta.url));
    const source = `import type { Agent, Pool, Client, buildConnector } from 'undici';
      import type * as undici6 from 'undici6'; import type * as undici8 from 'undici8';
      import type http from 'node:http'; import type https from 'node:https'; import type net from 'node:net';
      import type tls from 'node:tls';
      ${Object.entries(types)
        .map(([name, type]) => `export type ${name} = ${type};`)
        .join('\n')}`;
    const options: ts.CompilerOptions = {
      ...{ module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
      ...{ target: ts.ScriptTarget.ES2023, skipLibCheck: true, strict: true, types: ['node'] },
    };
    const host = ts.createCompilerHost(options);
    const { getSourceFile } = host;
    host.getSourceFile = (name, version, ...rest) =>
      name === file ? ts.createSourceFile(name, source, version) : getSourceFile.call(host, name, version, ...rest);
    host.fileExists = (name) => name === file || ts.sys.fileExists(name);
    const program = ts.createProgram([file], options, host);
    const checker = program.getTypeChecker();
    const properties: Record<string, string[]> = {};
    program.getSourceFile(file)?.forEachChild((node) => {
      if (!ts.isTypeAliasDeclaration(node)) return;
      const type = checker.getTypeAtLocation(node);
      const members = type.isUnion() ? type.types : [type];
      properties[node.name.text] = members.flatMap((member) =>
        checker.getPropertiesOfType(member).map(({ name }) => name),
      );
    });
    return properties;
  }

  /** What a constructor or function of undici takes apart, by its source. */
  function destructured(version: string, file: string): string[] {
    const folder = fileURLToPath(new URL(`../node_modules/${version}/lib/`, import.meta.url));
    const code = readFileSync(path.join(folder, file), 'utf8').replaceAll(/\/\/.*/g, '');
    const list = /(?:constructor \((?:\w+, )?|function buildConnector \()\{([^}]*)\}/.exec(code)?.[1] ?? '';
    return list
      .split(',')
      .map((part) => /^\s*(\w+)/.exec(part)?.[1] ?? '')
      .filter((name) => name !== '');
  }

  it('are those of the installed undici and Node, all of them', () => {
    const types = propertiesOf({
      Undici: 'Agent.Options & Pool.Options & Client.Options',
      Undici6: 'undici6.Agent.Options & undici6.Pool.Options & undici6.Client.Options',
      Undici8: 'undici8.Agent.Options & undici8.Pool.Options & undici8.Client.Options',
      Connect:
        'buildConnector.BuildOptions & undici6.buildConnector.BuildOptions & undici8.buildConnector.BuildOptions',
      Tls: 'tls.ConnectionOptions & tls.SecureContextOptions & tls.CommonConnectionOptions',
      Http: 'http.AgentOptions & https.AgentOptions',
      Net: 'net.TcpSocketConnectOpts & net.SocketConstructorOpts',
    });
    for (const [name, properties] of Object.entries(types)) expect(properties.length, name).toBeGreaterThan(9);
    const { Undici = [], Undici6 = [], Undici8 = [], Connect = [], Tls = [], Http = [], Net = [] } = types;
    const code = (file: string): string[] =>
      ['undici6', 'undici', 'undici8'].flatMap((version) => destructured(version, file));
    const client = code('dispatcher/client.js');
    expect(client.length).toBeGreaterThan(90);
    expect(missing([...Undici, ...Undici6, ...Undici8, ...client], UNDICI_OPTIONS)).toEqual([]);
    expect(missing([...code('dispatcher/pool.js'), ...code('dispatcher/agent.js')], UNDICI_OPTIONS)).toEqual([]);
    const connectNames = [...UNDICI_CONNECT_OPTIONS, ...TLS_OPTIONS, ...NET_OPTIONS];
    expect(missing([...Connect, ...code('core/connect.js')], connectNames)).toEqual([]);
    expect(missing(Tls, [...TLS_OPTIONS, ...NET_OPTIONS])).toEqual([]);
    expect(missing(Http, [...HTTP_AGENT_OPTIONS, ...TLS_OPTIONS, ...NET_OPTIONS])).toEqual([]);
    expect(missing(Net, NET_OPTIONS)).toEqual([]);
  }, 60_000);

  function missing(names: readonly string[], known: readonly string[]): string[] {
    return [...new Set(names)].filter((name) => !known.includes(name));
  }

  it('are taken as they are spelt, or refused for a reason', () => {
    for (const [names, make] of [
      [UNDICI_CONNECT_OPTIONS, createVrfConnector],
      [TLS_OPTIONS, createVrfConnector],
      [HTTP_AGENT_OPTIONS, (options: Options) => new VrfHttpsAgent(options)],
      [TLS_OPTIONS, (options: Options) => new VrfHttpsAgent(options)],
    ] as const)
      for (const name of names)
        if (!refusedAnyway.has(name)) (make as CallableFunction)({ vrf: 'red', [name]: undefined });
  });

  it('are refused when they are misspelt', async () => {
    for (const [name, meant] of [
      ['rejectUnauthorised', 'rejectUnauthorized'],
      ['rejectUnathorized', 'rejectUnauthorized'],
      ['servernam', 'servername'],
      ['serverName', 'servername'],
      ['checkServerIdentiy', 'checkServerIdentity'],
      ['strictSSL', 'rejectUnauthorized'],
      ['ALPNProtocol', 'ALPNProtocols'],
      ['CA', 'ca'],
    ] as const)
      for (const call of [
        (options: Options) => new VrfAgent({ vrf: 'red', connect: options }),
        (options: Options) => new VrfAgent({ vrf: 'red', tls: options } as never),
        (options: Options) => createVrfConnector({ vrf: 'red', ...options }),
        (options: Options) => new VrfHttpsAgent({ vrf: 'red', ...options }),
      ])
        expect((await refusal(() => call({ [name]: false }))).message).toContain(`did you mean ${meant}?`);
    for (const [name, meant] of [
      ['keepAliveTimout', 'keepAliveTimeout'],
      ['headerTimeout', 'headersTimeout'],
      ['conections', 'connections'],
      ['allowh2', 'allowH2'],
    ] as const)
      expect((await refusal(() => new VrfAgent({ vrf: 'red', [name]: 1 }))).message).toContain(`mean ${meant}?`);
    for (const [name, meant] of [
      ['keepAliveMsec', 'keepAliveMsecs'],
      ['maxSocket', 'maxSockets'],
    ] as const)
      expect((await refusal(() => new VrfHttpAgent({ vrf: 'red', [name]: 1 }))).message).toContain(`mean ${meant}?`);
  });

  it('are refused by name when a value has the wrong type, also inside objects that undici copies', async () => {
    const circular: Options = {};
    circular.itself = circular;
    const values = ['x', 1, true, 5n, Symbol('x'), [5n], { inner: 5n }, circular, () => {}];
    const acceptable = { connect: [circular], tls: [circular], factory: [] } as Record<string, unknown[]>;
    for (const name of [...UNDICI_OPTIONS, 'somethingNew'])
      for (const value of values) {
        let error: unknown;
        try {
          await new VrfAgent({ vrf: 'red', [name]: value }).close();
        } catch (thrown) {
          error = thrown;
        }
        if (error === undefined) continue;
        expect(error).toBeInstanceOf(Error);
        expect((error as { code?: string }).code, `${name}: ${String(error)}`).toMatch(
          /^(ERR_INVALID_ARGUMENT|UND_ERR_INVALID_ARG)$/,
        );
        expect((error as Error).message).toContain(name);
        expect(acceptable[name] ?? []).not.toContain(value);
      }
    for (const [name, value, message] of [
      ['connections', [5n], 'connections must be a number, got an array of 1'],
      ['allowH2', 'yes', "allowH2 must be true or false, got 'yes'"],
      ['webSocket', { maxPayloadSize: 5n }, "'webSocket' must hold only what JSON can: "],
      ['somethingNew', 5n, "'somethingNew' must hold only what JSON can: "],
    ] as const)
      expect((await refusal(() => new VrfAgent({ vrf: 'red', [name]: value }))).message).toContain(message);
    await new VrfAgent({ vrf: 'red', bodyTimeout: null, headersTimeout: undefined } as never).close();
  });

  it('say no place: that is said outside', async () => {
    for (const name of ['vrf', 'namespace', 'interface', 'dns', 'tos', 'mark'])
      for (const inner of ['connect', 'tls'])
        expect(
          (await refusal(() => new VrfAgent({ vrf: 'red', [inner]: { [name]: 'x' } } as never))).message,
        ).toContain(`not one of its ${inner}`);
    for (const name of ['netns', 'iface', 'device', 'fwmark', 'nameservers'])
      expect((await refusal(() => new VrfAgent({ vrf: 'red', connect: { [name]: 'x' } as never }))).message).toContain(
        `connect has no option '${name}'`,
      );
  });
});
