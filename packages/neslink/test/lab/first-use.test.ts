import { expect, it } from 'vitest';
import { runProgram } from '#testkit';

it.each([
  ['module', "const lab = await import('neslink/lab');"],
  ['commonjs', "const lab = require('neslink/lab');"],
] as const)('a %s that imports neslink/lab loads neither undici nor vrf-dial', async (type, load) => {
  const { code, stdout, stderr } = await runProgram(
    `${load}
     const loaded = Object.keys(process.getBuiltinModule('node:module')._cache);
     // vrf-dial has classes of node:https.
     const https = process.moduleLoadList.includes('NativeModule https');
     console.log(typeof lab.buildLab, loaded.filter((file) => /\\/(undici|vrf-dial)\\//.test(file)).length, https);`,
    { type },
  );
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'function 0 false\n', stderr: '' });
});
