import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeNamespaces, uniqueName } from '#testkit';

// Beside the packages that it imports.
const CONSUMER = fileURLToPath(new URL('../../../examples/', import.meta.url));
const RED = uniqueName('ns-red');
let made: ReturnType<typeof makeNamespaces>;
beforeAll(() => {
  made = makeNamespaces(RED);
});
afterAll(() => made.remove());

const PROGRAM = `
  import net from 'node:net';
  import { openSocket, runInNamespace } from 'netns-core';
  import { listenInVrf, listVrfs, ping } from 'vrf-dial';
  const socket = { family: 'ipv4', type: 'stream' };
  const there = { namespace: '${RED}', host: '127.0.0.1' };
  const calls = {
    enter: () => runInNamespace('${RED}', () => {}),
    socket: () => openSocket({ ...socket, namespace: '${RED}' }),
    here: () => openSocket({ ...socket, priority: 6, interface: 'lo' }),
    mark: () => openSocket({ ...socket, mark: 1 }),
    priority: () => openSocket({ ...socket, priority: 7 }),
    transparent: () => openSocket({ ...socket, transparent: true }),
    ping: () => ping({ ...there, count: 1 }),
    listen: async () => (await listenInVrf(net.createServer(), { ...there, port: 80 })).close(),
    list: () => listVrfs(),
  };
  const works = [];
  for (const [name, call] of Object.entries(calls))
    try {
      await call();
      works.push(name);
    } catch (error) {
      if (!['EPERM', 'EACCES'].includes(error.code)) throw error;
    }
  console.log(works.join(' '));
  process.exit();`;

// The rows of "Capabilities per call" in docs/security.md.
it.each([
  ['no capability', '', 'here list'],
  ['CAP_SYS_ADMIN', '+sys_admin', 'enter socket here list'],
  ['CAP_SYS_ADMIN and CAP_NET_RAW', '+sys_admin,+net_raw', 'enter socket here mark priority transparent ping list'],
  ['CAP_SYS_ADMIN and CAP_NET_ADMIN', '+sys_admin,+net_admin', 'enter socket here mark priority transparent list'],
  ['CAP_SYS_ADMIN and CAP_NET_BIND_SERVICE', '+sys_admin,+net_bind_service', 'enter socket here listen list'],
])('a process with %s can do what the documentation says', (_title, capabilities, works) => {
  const sets = ['-all', ...(capabilities === '' ? [] : [capabilities])].join(',');
  const program = [process.execPath, '--input-type=module', '--eval', PROGRAM];
  const through = [`--inh-caps=${sets}`, `--bounding-set=${sets}`, '--no-new-privs'];
  const { stdout, stderr } = spawnSync('setpriv', [...through, ...program], {
    cwd: CONSUMER,
    encoding: 'utf8',
    timeout: 25_000,
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  expect({ stdout, stderr }).toEqual({ stdout: `${works}\n`, stderr: '' });
});
