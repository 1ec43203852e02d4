import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ip, ipIn, runProgram, uniqueName } from '#testkit';

const VRF = uniqueName('v');
const NAMESPACE = `ns-${VRF}`;
beforeAll(() => {
  ip(`netns add ${NAMESPACE}`);
  ipIn(NAMESPACE, 'link set lo up');
});
afterAll(() => {
  ip(`netns del ${NAMESPACE}`);
});

const known = (flag: string): boolean => process.allowedNodeEnvironmentFlags.has(flag);

describe("Node's permission model", () => {
  it('lets agents, listeners and sockets of a VRF work with --allow-addons, and names the file that is closed', async () => {
    const program = `const http = require('node:http'), { once } = require('node:events'), { request } = require('undici');
      const dialer = require('vrf-dial');
      const target = { vrf: '${VRF}' }, url = 'http://127.0.0.1:8080/';
      const text = async (response) => { let all = ''; for await (const part of response) all += part; return all; };
      const calls = {
        listenInVrf: async () => (await dialer.listenInVrf(http.createServer((_, response) => response.end('VRF')), { ...target, host: '127.0.0.1', port: 8080 })).state,
        dial: async () => (await dialer.dial({ ...target, host: '127.0.0.1', port: 8080 })).destroy().destroyed,
        VrfAgent: async () => (await request(url, { dispatcher: new dialer.VrfAgent(target) })).body.text(),
        createVrfFetch: async () => (await dialer.createVrfFetch(target)(url)).text(),
        VrfHttpAgent: async () => text((await once(http.get(url, { agent: new dialer.VrfHttpAgent(target) }), 'response'))[0]),
        createUdpSocket: async () => (await dialer.createUdpSocket({ ...target, type: 'udp4', bind: { port: 0 } })).address().port > 0,
        'dial by name': async () => dialer.dial({ ...target, host: 'host.example', port: 8080 }),
      };
      (async () => {
        for (const [name, call] of Object.entries(calls))
          await call().then((result) => console.log(name, result), (error) => console.log(name, error.code, error.message, error.cause?.message));
        process.exit();
      })();`;
    const flags = [
      '--no-warnings',
      known('--permission') ? '--permission' : '--experimental-permission',
      '--allow-addons',
      `--allow-fs-read=${process.cwd()}/*`,
      ...(known('--allow-net') ? ['--allow-net'] : []),
    ];
    const { stdout, stderr } = await runProgram(program, { type: 'commonjs', env: { NODE_OPTIONS: flags.join(' ') } });
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toEqual([
      'listenInVrf listening',
      'dial true',
      'VrfAgent VRF',
      'createVrfFetch VRF',
      'VrfHttpAgent VRF',
      'createUdpSocket true',
      expect.stringMatching(new RegExp(`^dial by name ERR_ACCESS_DENIED .*/etc/netns/${NAMESPACE}/`)),
    ]);
  });
});
