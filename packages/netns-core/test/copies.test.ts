import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeNamespaces, runProgram, uniqueName } from '#testkit';

const RED = uniqueName('red');
let made: ReturnType<typeof makeNamespaces>;
beforeAll(() => {
  made = makeNamespaces(RED);
});
afterAll(() => made.remove());

const BOTH = `
  import { createRequire } from 'node:module';
  import * as esm from 'netns-core';
  import { replaceSyscalls } from 'netns-core/sys';
  const cjs = createRequire(import.meta.url)('netns-core');
  if (cjs.get === esm.get) throw new Error('one copy only');
`;

async function output(source: string): Promise<string> {
  const result = await runProgram(`${BOTH}${source}`);
  expect(result.stderr).toBe('');
  return result.stdout.trim();
}

describe('the ES module copy and the CommonJS copy in one process', () => {
  it("take each other's handles, and know each other's errors by class", async () => {
    expect(
      await output(`
      const handle = esm.getFromName('${RED}');
      console.log(handle instanceof cjs.NetnsHandle, cjs.runInNamespace(handle, () => 'in'), cjs.resolveNamespace(handle).equals(handle), handle.equals(cjs.get()));
      for (const [throwing, name] of [[() => esm.getFromName('none'), 'NamespaceNotFoundError'], [() => esm.getFromName('/'), 'InvalidNameError'], [() => esm.runInNamespace('', async () => {}), 'AsyncCallbackError']])
        try { throwing(); } catch (error) {
          console.log(error instanceof cjs[name], error instanceof cjs.NetnsError, error instanceof esm[name], error instanceof cjs.ClosedHandleError, error.constructor.name === name, error.constructor === cjs[name]);
        }
      console.log(new Error('x') instanceof cjs.NetnsError, null instanceof cjs.NetnsError);
      `),
    ).toBe(`true in true false\n${'true true true false true false\n'.repeat(3)}false false`);
  });

  it('are poisoned together', async () => {
    expect(
      await output(`
      let count = 0;
      const undo = replaceSyscalls((real) => ({ setns: (fd, type) => (++count === 2 ? -1 : real.setns(fd, type)) }));
      try { esm.runInNamespace('${RED}', () => 1, { onRestoreFailure: 'throw' }); } catch {}
      undo();
      console.log(cjs.isThreadPoisoned());
      try { cjs.get(); } catch (error) { console.log(error instanceof esm.PoisonedThreadError); }`),
    ).toBe('true\ntrue');
  });

  it('agree on the namespace the process started in, also in a worker whose thread has moved', async () => {
    expect(
      await output(`
      import { Worker } from 'node:worker_threads';
      const start = esm.get();
      esm.set(esm.getFromName('${RED}'));
      console.log(cjs.resolveNamespace('default').equals(start), esm.resolveNamespace('default').equals(start));
      const url = import.meta.resolve('netns-core');
      new Worker("import('" + url + "').then(({ resolveNamespace, get }) => console.log(String(resolveNamespace('default').ino === " + start.ino + "n), String(get().ino !== " + start.ino + "n)))", { eval: true });`),
    ).toBe('true true\ntrue true');
  });

  it('share one inotify watch per directory', async () => {
    expect(
      await output(`
      import { readdirSync, readFileSync } from 'node:fs';
      const a = esm.watchNamed(), b = cjs.watchNamed(), c = cjs.watchNamed({ dir: '/run/netns/' });
      let count = 0;
      for (const fd of readdirSync('/proc/self/fdinfo')) try { count += (readFileSync('/proc/self/fdinfo/' + fd, 'utf8').match(/^inotify /gm) ?? []).length; } catch {}
      console.log(count);
      await a.return();
      const name = '${uniqueName('w')}';
      const next = b.next();
      esm.addNamed(name).close();
      console.log((await next).value.name === name);
      cjs.deleteNamed(name);
      await b.return(); await c.return();`),
    ).toBe('1\ntrue');
  });
});
