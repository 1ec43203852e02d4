import { expect, it } from 'vitest';
import { ip, runProgram } from '#testkit';

/** Loads packages in a `vm` context, which has the globals of Node and the built-in objects of its own, as jest does. */
const LOADER = `
  const { readFileSync } = require('node:fs');
  const { createRequire, isBuiltin } = require('node:module');
  const path = require('node:path');
  const vm = require('node:vm');
  const context = vm.createContext({});
  const inside = vm.runInContext('globalThis', context);
  for (const name of Object.getOwnPropertyNames(globalThis))
    if (!(name in inside)) Object.defineProperty(inside, name, Object.getOwnPropertyDescriptor(globalThis, name));
  const modules = new Map();
  function load(file) {
    const known = modules.get(file);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    modules.set(file, module);
    const resolve = createRequire(file);
    const require = (id) => {
      if (isBuiltin(id)) return resolve(id);
      const found = resolve.resolve(id);
      return /[/]packages[/][^/]+[/]dist[/]/.test(found) ? load(found) : resolve(id);
    };
    require.resolve = resolve.resolve;
    const parameters = ['exports', 'require', 'module', '__filename', '__dirname'];
    const run = vm.compileFunction(readFileSync(file, 'utf8'), parameters, { filename: file, parsingContext: context });
    run.call(module.exports, module.exports, require, module, file, path.dirname(file));
    return module.exports;
  }
`;

it('a lab is built and closed in another realm, as in tests of jest', async () => {
  const { stdout, stderr, code } = await runProgram(
    `${LOADER}
    const { buildLab } = load(require.resolve('neslink/lab'));
    (async () => {
      const lab = await buildLab({
        nodes: { a: { kind: 'host' }, b: { kind: 'host', services: { dns: true } } },
        links: [{ between: ['a', 'b'], addresses: ['192.0.2.1/24', '192.0.2.2/24'] }],
      });
      console.log((await lab.node('a').ping('b')).received, (await lab.node('a').run('echo', ['hello'])).stdout.trim());
      await lab.close();
    })();`,
    { type: 'commonjs' },
  );
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toBe('1 hello\n');
  expect(ip('netns list')).toBe('');
});
