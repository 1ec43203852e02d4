// From the start of a process until it has its first answer from a VRF, and until the command has done its work.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addNamespace } from '../harness/ip.mjs';
import { compare } from '../harness/report.mjs';

const NAMESPACE = 'ns-first';
const ADDRESS = '192.0.2.80';
const PORT = 8080;
const URL_OF_SERVER = `http://${ADDRESS}:${PORT}/`;
const PACKAGE = path.join(import.meta.dirname, '../../packages/vrf-cli');
const VRF = path.join(PACKAGE, JSON.parse(readFileSync(path.join(PACKAGE, 'package.json'), 'utf8')).bin.vrf);

/** A project that has the command, as after `npm install vrf-cli`. */
const project = mkdtempSync(path.join(tmpdir(), 'first-use-'));
mkdirSync(path.join(project, 'node_modules/.bin'), { recursive: true });
writeFileSync(path.join(project, 'package.json'), '{"private":true}');
symlinkSync(PACKAGE, path.join(project, 'node_modules/vrf-cli'));
symlinkSync(VRF, path.join(project, 'node_modules/.bin/vrf'));

addNamespace(NAMESPACE, ADDRESS);
const server = spawn(
  'ip',
  [
    ...['netns', 'exec', NAMESPACE, process.execPath, '-e'],
    `require('http').createServer((_, response) => response.end('x')).listen(${PORT}, '${ADDRESS}', () => console.log('ready'))`,
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
await once(server.stdout, 'data');

/** Milliseconds of a whole process. */
const wholeIn =
  (cwd, program, ...args) =>
  () => {
    const started = performance.now();
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'], cwd });
    return performance.now() - started;
  };
const whole = (program, ...args) => wholeIn(import.meta.dirname, program, ...args);
const node = (source) => whole(process.execPath, '--input-type=module', '--eval', source);
const inside = (...command) => whole('ip', 'netns', 'exec', NAMESPACE, ...command);

await compare({
  id: 'request',
  title: 'A process from its start to its end, with one request',
  unit: 'ms',
  base: 'fetch',
  rounds: 15,
  contestants: {
    bare: { name: 'Node that does nothing', run: node('') },
    fetch: {
      name: "Node's own fetch, by `ip netns exec`",
      run: inside(
        ...[process.execPath, '--input-type=module', '--eval'],
        `await (await fetch('${URL_OF_SERVER}')).text();`,
      ),
    },
    dial: {
      name: '`vrf-dial`, createVrfFetch',
      run: node(`import { createVrfFetch } from 'vrf-dial';
        const fetch = createVrfFetch({ vrf: 'first' });
        await (await fetch('${URL_OF_SERVER}')).text();
        await fetch.close();`),
    },
    node: {
      name: '`vrf-dial/node`, VrfHttpAgent',
      run: node(`import http from 'node:http';
        import { VrfHttpAgent } from 'vrf-dial/node';
        const agent = new VrfHttpAgent({ vrf: 'first' });
        await new Promise((resolve) => http.get('${URL_OF_SERVER}', { agent }, (response) => response.resume().on('end', resolve)));
        agent.destroy();`),
    },
  },
});
await compare({
  id: 'command',
  title: 'The command `vrf`, from its start to its end',
  unit: 'ms',
  base: 'bare',
  rounds: 15,
  contestants: {
    bare: { name: 'Node that does nothing', run: node('') },
    version: { name: '`vrf --version`', run: whole(process.execPath, VRF, '--version') },
    npx: { name: '`npx vrf --version`, installed', run: wholeIn(project, 'npx', '--offline', 'vrf', '--version') },
    list: { name: '`vrf list`', run: whole(process.execPath, VRF, 'list') },
    fetch: { name: '`vrf fetch`', run: whole(process.execPath, VRF, 'fetch', 'first', URL_OF_SERVER) },
    curl: { name: '`ip netns exec … curl`', run: inside('curl', '-s', URL_OF_SERVER) },
  },
});
server.kill();
rmSync(project, { recursive: true });
