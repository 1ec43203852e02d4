import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runProgram } from '#testkit';

it('the first example of the README runs as printed', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const example = /```js\n(.*?)```/s.exec(readme)?.[1] ?? '';
  const { code, stdout, stderr } = await runProgram(example);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toContain('veth-demo 1400 its peer has index');
  expect(stdout).toContain('192.0.2.0/24 link kernel');
  expect(stdout).toContain('there is no link "br-demo" in the namespace (ENODEV)');
});
