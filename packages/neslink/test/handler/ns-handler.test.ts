import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readlinkSync } from 'node:fs';
import {
  compareNamespaces,
  FileRefNs,
  genericNsToString,
  genericToIfaceNs,
  MicroserviceRefNs,
  NamedNs,
  Namespace,
  NewMicroservice,
  NsHandler,
  newNamespaceMgmtCtx,
  newSystemHandler,
  PidRefNs,
  SystemHandler,
  TerminatedMicroservice,
} from 'neslink/handler';
import { deleteNamed, type NetnsHandle, resolveNamespace } from 'netns-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, ipJson, leakedFds, makeNamespaces, openFds, runProgram, uniqueName } from '#testkit';

const here = (): string => readlinkSync('/proc/thread-self/ns/net');
const home = here();
let handler: NsHandler;

beforeEach(() => {
  handler = new NsHandler();
});
afterEach(async () => {
  await handler.close();
  expect(here()).toBe(home);
});

describe('a namespace handler', () => {
  it('makes the config namespace anew at init and removes it at close, and may be closed twice', async () => {
    resolveNamespace('').close();
    const fds = openFds();
    ip('netns add veth-cfg-ns');
    const stale = resolveNamespace('veth-cfg-ns');
    const staleId = stale.uniqueId();
    expect(handler.getConfigNamespace()).toBeUndefined();
    await handler.init();
    expect(handler.getConfigNamespace()).toMatchObject({ type: NamedNs, name: 'veth-cfg-ns' });
    {
      using fresh = resolveNamespace('veth-cfg-ns');
      expect(fresh.uniqueId()).not.toBe(staleId);
    }
    stale.close();
    await expect(handler.init()).rejects.toMatchObject({ code: 'ERR_ALREADY_INITIALIZED' });
    expect(handler.getMicroserviceByLabel().size + handler.getMicroserviceByID().size).toBe(0);
    await handler.close();
    await handler.close();
    expect(existsSync('/run/netns/veth-cfg-ns')).toBe(false);
    expect(() => handler.getOrCreateNamespace(undefined)).toThrow('init()');
    expect(leakedFds(fds)).toEqual([]);
    await handler.init();
    expect(existsSync('/run/netns/veth-cfg-ns')).toBe(true);
  });

  it('opens namespaces however they are referred to, and makes named ones on demand', async () => {
    await handler.init();
    const named = uniqueName('h');
    const expectSame = (ns: Namespace | undefined, expected: string): void => {
      using handle = handler.getOrCreateNamespace(ns);
      expect(`net:[${handle.ino}]`, genericNsToString(ns)).toBe(expected);
    };
    for (const ns of [
      undefined,
      new Namespace(),
      new Namespace({ type: PidRefNs, pid: 0 }),
      new Namespace({ type: NamedNs, name: '' }),
      new Namespace({ type: FileRefNs, filePath: '' }),
      new Namespace({ type: PidRefNs, pid: process.pid }),
    ])
      expectSame(ns, home);
    expect(ip('netns list')).not.toContain(named);
    handler.getOrCreateNamespace(new Namespace({ type: NamedNs, name: named })).close();
    expect(ip('netns list')).toContain(named);
    // `ip` works in it as in one of its own.
    expect(ipJson('link show lo', named)).toHaveLength(1);
    const sleeper = spawn('ip', ['netns', 'exec', named, 'sh', '-c', 'echo up; exec sleep 100']);
    await once(sleeper.stdout, 'data');
    using handle = resolveNamespace(named);
    expectSame(new Namespace({ type: NamedNs, name: named }), `net:[${handle.ino}]`);
    expectSame(new Namespace({ type: FileRefNs, filePath: `/run/netns/${named}` }), `net:[${handle.ino}]`);
    expectSame(new Namespace({ type: PidRefNs, pid: sleeper.pid ?? 0 }), `net:[${handle.ino}]`);
    sleeper.kill();
    await once(sleeper, 'exit');
    expect(() => handler.getOrCreateNamespace(new Namespace({ type: PidRefNs, pid: sleeper.pid ?? 0 }))).toThrow();
    expect(() => handler.getOrCreateNamespace(new Namespace({ type: FileRefNs, filePath: '/etc/passwd' }))).toThrow(
      '/etc/passwd',
    );
    expect(() => handler.getOrCreateNamespace(new Namespace({ type: NamedNs, name: '../x' }))).toThrow();
    deleteNamed(named);
  });

  it('makes a namespace only if there is none, not on any error', async () => {
    let asked = 0;
    class Refusing extends SystemHandler {
      override getNamespaceFromName(): NetnsHandle {
        asked += 1;
        throw Object.assign(new Error('no right to look'), { code: 'EACCES' });
      }
    }
    await handler.init({ systemHandler: new Refusing() });
    const name = uniqueName('h');
    expect(() => handler.getOrCreateNamespace(new Namespace({ type: NamedNs, name }))).toThrow('no right to look');
    expect(asked).toBe(1);
    expect(existsSync(`/run/netns/${name}`)).toBe(false);
  });

  it('leaves nothing behind when making a namespace fails, and goes home', async () => {
    const fds = openFds();
    class Failing extends SystemHandler {
      override mount(source: string, target: string, fsType: string, flags: number, data: string): void {
        if (source.startsWith('/proc')) throw Object.assign(new Error('mount refused'), { code: 'EPERM' });
        super.mount(source, target, fsType, flags, data);
      }
    }
    await expect(handler.init({ systemHandler: new Failing() })).rejects.toThrow('mount refused');
    expect(existsSync('/run/netns/veth-cfg-ns')).toBe(false);
    expect(here()).toBe(home);
    expect(leakedFds(fds)).toEqual([]);
  });

  it('calls a function over there and gives what it returns', async () => {
    await handler.init();
    const name = uniqueName('h');
    using _ = makeNamespaces(name);
    using handle = resolveNamespace(name);
    const ctx = newNamespaceMgmtCtx();
    expect(handler.switchNamespace(new Namespace({ type: NamedNs, name }), ctx, here)).toBe(`net:[${handle.ino}]`);
    expect(handler.switchToNamespace(ctx, { type: NamedNs, name }, here)).toBe(`net:[${handle.ino}]`);
    expect(handler.switchToNamespace(ctx, undefined, here)).toBe(home);
    expect(() =>
      handler.switchNamespace(new Namespace({ type: NamedNs, name }), ctx, () => {
        throw new Error('passed through');
      }),
    ).toThrow('passed through');
    expect(() => handler.switchNamespace(new Namespace({ type: NamedNs, name }), ctx, async () => 1)).toThrow();
    expect(here()).toBe(home);
  });

  it('switches the thread until it is reverted, one switch inside the other', async () => {
    await handler.init();
    const [one, two] = [uniqueName('h'), uniqueName('h')];
    using _ = makeNamespaces(one, two);
    using first = resolveNamespace(one);
    using second = resolveNamespace(two);
    const fds = openFds();
    const ctx = newNamespaceMgmtCtx();
    const revert = handler.switchNamespace(new Namespace({ type: NamedNs, name: one }), ctx);
    const places = [here()];
    expect(ctx.switched).toBe(true);
    const inner = handler.switchToNamespace(ctx, { type: NamedNs, name: two });
    places.push(here());
    inner();
    places.push(here());
    revert();
    revert();
    places.push(here());
    expect(places).toEqual([`net:[${first.ino}]`, `net:[${second.ino}]`, `net:[${first.ino}]`, home]);
    const outer = handler.switchNamespace(new Namespace({ type: NamedNs, name: one }), ctx);
    const forgotten = handler.switchNamespace(new Namespace({ type: NamedNs, name: two }), ctx);
    outer();
    expect(here()).toBe(home);
    forgotten();
    expect(here()).toBe(home);
    expect(ctx.switched).toBe(false);
    expect(leakedFds(fds)).toEqual([]);
  });

  it('reverts a switch that would outlive its turn of the event loop, and reports it', async () => {
    const errors: string[] = [];
    const logger = { debug() {}, info() {}, warn() {}, error: (message: string) => errors.push(message) };
    await handler.init({ logger });
    const name = uniqueName('h');
    using _ = makeNamespaces(name);
    const warned = once(process, 'warning');
    const ctx = newNamespaceMgmtCtx();
    // From a turn's own callback, and from the microtasks after one.
    for (const turn of [(go: () => void) => setImmediate(go), (go: () => void) => void Promise.resolve().then(go)]) {
      const revert = await new Promise<() => void>((resolve) => {
        turn(() => resolve(handler.switchNamespace(new Namespace({ type: NamedNs, name }), ctx)));
      });
      expect(here()).toBe(home);
      revert();
      expect(here()).toBe(home);
    }
    const after = await new Promise<string>((resolve) => {
      setImmediate(() => {
        handler.switchNamespace(new Namespace({ type: NamedNs, name }), ctx);
        setImmediate(() => resolve(here()));
      });
    });
    expect(after).toBe(home);
    expect(errors).toHaveLength(3);
    expect(errors[0]).toContain(name);
    expect((await warned)[0]).toMatchObject({ code: 'NESLINK_SWITCH_NOT_REVERTED' });
  });

  it('stops the process when the thread cannot come home', async () => {
    const { signal, stderr } = await runProgram(`
      import { NsHandler, Namespace, newNamespaceMgmtCtx, SystemHandler } from 'neslink/handler';
      let calls = 0;
      class Stranding extends SystemHandler {
        setNamespace(ns) { if (++calls === 2) throw new Error('stranded'); super.setNamespace(ns); }
      }
      const handler = new NsHandler();
      await handler.init({ systemHandler: new Stranding() });
      handler.switchNamespace(new Namespace({ type: 2, name: 'veth-cfg-ns' }), newNamespaceMgmtCtx())();
      console.log('went on');
    `);
    expect(signal).toBe('SIGABRT');
    expect(stderr).toContain('cannot return from the namespace veth-cfg-ns: stranded');
  });

  it('reports a switch that fails, and stays', async () => {
    class Refusing extends SystemHandler {
      override setNamespace(): void {
        throw Object.assign(new Error('refused'), { code: 'EPERM' });
      }
    }
    await handler.init({ systemHandler: new Refusing() });
    const fds = openFds();
    const ctx = newNamespaceMgmtCtx();
    expect(() => handler.switchNamespace(new Namespace(), ctx)).toThrow('refused');
    expect(ctx.switched).toBe(false);
    expect(leakedFds(fds)).toEqual([]);
  });

  it('stops its tracker even if the config namespace cannot be removed', async () => {
    class Keeping extends SystemHandler {
      keep = false;
      override remove(name: string): void {
        if (this.keep) throw Object.assign(new Error('kept'), { code: 'EBUSY' });
        super.remove(name);
      }
    }
    const system = new Keeping();
    let looked = 0;
    const docker = {
      getContainer: () => ({ inspect: () => Promise.reject(new Error('none')) }),
      listContainers: async () => {
        looked += 1;
        return [];
      },
      getEvents: () => Promise.reject(new Error('none')),
    };
    await handler.init({ systemHandler: system, docker, pollInterval: 10, retryInterval: 10 });
    system.keep = true;
    await expect(handler.close()).rejects.toThrow('kept');
    const then = looked;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(looked).toBe(then);
    await handler.close();
    system.keep = false;
    system.remove('/run/netns/veth-cfg-ns');
  });

  it('refuses options that make no sense', async () => {
    await expect(handler.init({ pollInterval: 0 })).rejects.toThrow('pollInterval');
    await expect(handler.init({ retryInterval: Number.NaN })).rejects.toThrow('retryInterval');
    expect(handler.getConfigNamespace()).toBeUndefined();
  });
});

describe('namespaces', () => {
  const pid = new Namespace({ type: PidRefNs, pid: 7 });
  const service = new Namespace({ type: MicroserviceRefNs, microservice: 'x' });
  const named = new Namespace({ type: NamedNs, name: 'n' });
  const file = new Namespace({ type: FileRefNs, filePath: '/x' });

  it('are written as logs know them', () => {
    const convertor = new NsHandler();
    expect([pid, service, named, file, undefined].map(genericNsToString)).toEqual([
      'PID:7',
      'MICROSERVICE:x',
      'n',
      'FILE:/x',
      'invalid namespace',
    ]);
    expect(`${pid}`).toBe('PID:7');
    expect(file.genericNsToString()).toBe('FILE:/x');
    expect([pid, service, named, file].map((ns) => convertor.ifaceNsToString(ns.genericToIfaceNs()))).toEqual([
      'PID:7',
      'MICROSERVICE:x',
      'n',
      'FILE:/x',
    ]);
    expect(convertor.ifaceNsToString(undefined)).toBe('<nil>');
  });

  it('are compared by type and by what they refer to, pids included', () => {
    expect(compareNamespaces(pid, new Namespace({ type: PidRefNs, pid: 7 }))).toBe(0);
    expect(compareNamespaces(pid, new Namespace({ type: PidRefNs, pid: 9 }))).toBe(-2);
    expect(pid.compareNamespaces(service)).toBeLessThan(0);
    expect(named.compareNamespaces(new Namespace({ type: NamedNs, name: 'm' }))).toBe(1);
    expect(service.compareNamespaces(new Namespace({ type: MicroserviceRefNs, microservice: 'y' }))).toBe(-1);
    expect(file.compareNamespaces(new Namespace({ type: FileRefNs, filePath: '/x' }))).toBe(0);
    expect([
      compareNamespaces(undefined, undefined),
      compareNamespaces(pid, undefined),
      compareNamespaces(undefined, pid),
    ]).toEqual([0, -1, -1]);
  });

  it('convert between kinds and back; a missing one is pid 0 one way and an error the other', () => {
    const convertor = new NsHandler();
    for (const ns of [pid, service, named, file]) {
      expect(convertor.ifNsToGeneric(ns.genericToIfaceNs())).toEqual(ns);
      expect(convertor.arpNsToGeneric(convertor.genericToArpNs(ns))).toEqual(ns);
      expect(convertor.routeNsToGeneric(convertor.genericToRouteNs(ns))).toEqual(ns);
    }
    for (const convert of [convertor.ifNsToGeneric, convertor.arpNsToGeneric, convertor.routeNsToGeneric])
      expect(convert.call(convertor, undefined)).toEqual(new Namespace({ type: PidRefNs, pid: 0 }));
    expect(() => genericToIfaceNs(undefined)).toThrow('an interface');
    expect(() => convertor.genericToArpNs(undefined)).toThrow('an ARP entry');
    expect(() => convertor.genericToRouteNs(undefined)).toThrow('a route');
    expect(convertor.isNamespaceAvailable(undefined)).toBe(true);
    expect(convertor.isNamespaceAvailable({ type: PidRefNs, pid: 99_999_999 })).toBe(true);
    expect(convertor.isNamespaceAvailable({ type: MicroserviceRefNs, microservice: 'x' })).toBe(false);
  });

  it('keep the numbers and words of the original', () => {
    expect([PidRefNs, MicroserviceRefNs, NamedNs, FileRefNs]).toEqual([0, 1, 2, 3]);
    expect([NewMicroservice, TerminatedMicroservice]).toEqual(['new-ms', 'term-ms']);
  });
});

describe('the system handler', () => {
  it('moves links between namespaces, and touches files and mounts', () => {
    const system = newSystemHandler();
    const name = uniqueName('h');
    using _ = makeNamespaces(name);
    const link = uniqueName('v');
    ip(`link add ${link} type veth peer name ${link}p`);
    using target = system.getNamespaceFromName(name);
    system.linkSetNsFd(link, target.fd);
    expect(ipJson(`link show ${link}`, name)).toHaveLength(1);
    ip(`link del ${link}p`);
    expect(() => system.unmount('/run/none', 0)).toThrow(/none/);
    expect(() => system.mount('/nowhere', '/run/none', 'none', 4096, '')).toThrow(/none/);
    system.mkDirAll('/run/neslink-test/a/b', 0o755);
    for (const directory of ['/run/neslink-test/a/b', '/run/neslink-test/a', '/run/neslink-test'])
      system.remove(directory);
    expect(existsSync('/run/neslink-test')).toBe(false);
    expect(() => system.getNamespaceFromName('none-such')).toThrow('none-such');
  });
});
