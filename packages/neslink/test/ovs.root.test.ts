import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Do, LinkDo, type LinkProvider, NPName, NsDo } from 'neslink';
import { LAAttachBridge, LADetachBridge } from 'neslink/ovs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ip,
  ipIn,
  ipJson,
  makeNamespaces,
  reasonWithoutProgram,
  reasonWithoutTun,
  retryUntil,
  run,
  uniqueName,
} from '#testkit';

const byName = (name: string): LinkProvider => ({ name: 'name', provide: ({ netlink }) => netlink.linkByName(name) });
const reason = reasonWithoutProgram('ovs-vswitchd') ?? reasonWithoutTun();

describe('the command line of ovs-vsctl', () => {
  it('names the bridge, the database and the time', async () => {
    const folder = mkdtempSync('/run/ovs-');
    const name = uniqueName('o');
    using _ = makeNamespaces(name);
    ipIn(name, 'link add br0 type bridge');
    const program = path.join(folder, 'ovs-vsctl');
    writeFileSync(program, `#!/bin/sh\necho "$@" >> ${folder}/log\nreadlink /proc/self/ns/net >> ${folder}/where\n`);
    chmodSync(program, 0o755);
    const db = 'unix:/run/db.sock';
    await Do(
      NPName(name),
      LAAttachBridge(byName('br0'), { program }),
      LAAttachBridge(byName('br0'), { program, db, timeout: 3, noWait: true, bridge: 'ovs0', datapathType: 'netdev' }),
      LADetachBridge(byName('br0'), { program, bridge: 'ovs0' }),
      LADetachBridge(byName('br0'), { program }),
    );
    expect(readFileSync(path.join(folder, 'log'), 'utf8').trim().split('\n')).toEqual([
      '--timeout=10 add-br br0',
      `--timeout=3 --db=${db} --no-wait --may-exist add-br ovs0 -- set bridge ovs0 datapath_type=netdev -- --may-exist add-port ovs0 br0`,
      '--timeout=10 del-port ovs0 br0',
      '--timeout=10 del-br br0',
    ]);
    const inside = run('ip', ['netns', 'exec', name, 'readlink', '/proc/self/ns/net']);
    expect(new Set(readFileSync(path.join(folder, 'where'), 'utf8').trim().split('\n'))).toEqual(
      new Set([inside.trim()]),
    );
    rmSync(folder, { recursive: true });
  });

  it('is not run for a link that is not a bridge; a program that is missing is named', async () => {
    const name = uniqueName('o');
    using _ = makeNamespaces(name);
    ipIn(name, 'link add v0 type veth peer name v1');
    ipIn(name, 'link add br0 type bridge');
    const refused = await NsDo(NPName(name), LAAttachBridge(byName('v0'), { program: '/bin/true' }));
    expect(refused.err).toMatchObject({ code: 'ERR_NOT_A_BRIDGE', action: 'LAAttachBridge' });
    const missing = await NsDo(NPName(name), LAAttachBridge(byName('br0'), { program: 'no-such-vsctl' }));
    expect(missing.err?.message).toContain('no-such-vsctl');
    const without = await NsDo(NPName(name), LAAttachBridge());
    expect(without.err?.message).toContain('link provider first');
    const failing = await LinkDo(NPName(name), byName('br0'), LADetachBridge({ program: '/bin/false' }));
    expect(failing.err?.message).toContain('exit code 1');
  });
});

describe.skipIf(reason !== undefined)(
  `Open vSwitch with its datapath in user space${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let folder: string;
    let db: string;
    let name: string;
    const daemons: ChildProcess[] = [];
    const vsctl = (...args: string[]): string => run('ovs-vsctl', [`--db=${db}`, '--timeout=10', ...args]).trim();

    beforeAll(async () => {
      folder = mkdtempSync('/run/ovs-');
      name = uniqueName('o');
      ip(`netns add ${name}`);
      db = `unix:${folder}/db.sock`;
      const at = (file: string): string => path.join(folder, file);
      const env = { ...process.env, OVS_RUNDIR: folder, OVS_LOGDIR: folder };
      run('ovsdb-tool', ['create', at('conf.db'), '/usr/share/openvswitch/vswitch.ovsschema']);
      daemons.push(
        spawn('ovsdb-server', [at('conf.db'), `--remote=p${db}`, `--unixctl=${at('s.ctl')}`, '-vconsole:off'], {
          env,
          stdio: 'ignore',
        }),
      );
      await retryUntil(() => existsSync(at('db.sock')), 10_000);
      run('ovs-vsctl', [`--db=${db}`, '--no-wait', 'init']);
      // The switch makes its devices where it lives.
      daemons.push(
        spawn('ip', ['netns', 'exec', name, 'ovs-vswitchd', db, `--unixctl=${at('v.ctl')}`, '-vconsole:off'], {
          env,
          stdio: 'ignore',
        }),
      );
      await retryUntil(() => existsSync(at('v.ctl')), 10_000);
    }, 30_000);
    afterAll(async () => {
      for (const daemon of daemons.reverse()) {
        const ended = once(daemon, 'exit');
        daemon.kill();
        await ended;
      }
      ip(`netns del ${name}`);
      rmSync(folder, { recursive: true });
    });

    it('takes a bridge of the kernel as a port of its own, and lets go of it again', async () => {
      ipIn(name, 'link add br0 type bridge');
      await LinkDo(NPName(name), byName('br0'), LAAttachBridge({ db, bridge: 'ovs0', datapathType: 'netdev' })).then(
        ({ err }) => expect(err).toBeUndefined(),
      );
      expect(vsctl('list-ports', 'ovs0')).toBe('br0');
      expect(ipJson('link show ovs0', name)).toHaveLength(1);
      // Twice is once.
      await Do(NPName(name), LAAttachBridge(byName('br0'), { db, bridge: 'ovs0', datapathType: 'netdev' }));
      await Do(NPName(name), LADetachBridge(byName('br0'), { db, bridge: 'ovs0' }));
      expect(vsctl('list-ports', 'ovs0')).toBe('');
      expect(ipJson('link show br0', name)).toHaveLength(1);
      vsctl('del-br', 'ovs0');
    });

    it('refuses to be a bridge that the kernel has already, which is reported and leaves no entry; its database alone takes it', async () => {
      ipIn(name, 'link add br1 type bridge');
      const { err } = await NsDo(NPName(name), LAAttachBridge(byName('br1'), { db, datapathType: 'netdev' }));
      expect(err?.message).toContain("Error detected while setting up 'br1'");
      expect(vsctl('list-br')).toBe('');
      await Do(NPName(name), LAAttachBridge(byName('br1'), { db, datapathType: 'netdev', noWait: true }));
      expect(vsctl('list-br')).toBe('br1');
      const twice = await NsDo(NPName(name), LAAttachBridge(byName('br1'), { db }));
      expect(twice.err?.message).toContain('already exists');
      await Do(NPName(name), LADetachBridge(byName('br1'), { db }));
      expect(vsctl('list-br')).toBe('');
    });
  },
);
