import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runProgram } from '#testkit';

describe('the README', () => {
  it('begins with an example that prints what it says', async () => {
    const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const [, source = '', , printed = ''] = /```js\n(.*?)```\n(.*?)```\n(.*?)```/s.exec(text) ?? [];
    const result = await runProgram(source);
    expect(result).toMatchObject({ code: 0, stderr: '', stdout: printed });
  });
});
