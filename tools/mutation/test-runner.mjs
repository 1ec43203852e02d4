import path from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createVitest } from 'vitest/node';
import { endStragglers, SANDBOX_ID } from '../sandbox/stragglers.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Sandboxes of test files have ids that begin so. */
const INSIDE = `${process.env[SANDBOX_ID]}.`;

/** Runs test files again and again in one Vitest, which keeps what it has transformed. Each has a process of its own. */
export class TestRunner {
  #vitest;
  #source;
  #prepare;

  constructor(vitest, source, prepare) {
    this.#vitest = vitest;
    this.#source = source;
    this.#prepare = prepare;
  }

  /**
   * @param {string} source the file that is another each time, relative to the workspace
   * @param {() => void} prepare called before tests that start programs
   */
  static async start(source, prepare) {
    const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
    const config = path.join(ROOT, 'tools/mutation/vitest.config.ts');
    const options = { root: ROOT, config, watch: false, reporters: [{}] };
    const vitest = await createVitest('test', options, {}, { stdout: nowhere(), stderr: nowhere() });
    return new TestRunner(vitest, path.join(ROOT, source), prepare);
  }

  /**
   * Runs test files one after the other until a test fails.
   *
   * @param {readonly { file: string, only?: RegExp, programs: boolean }[]} tests files relative to the workspace, which
   *   of their tests, and whether those start programs
   * @param {number} timeout after how many milliseconds a file has failed
   * @returns {Promise<string | undefined>} what has failed; `undefined` if nothing has
   */
  async firstFailure(tests, timeout) {
    this.#vitest.invalidateFile(this.#source);
    for (const { file, only, programs } of tests) {
      const specification = this.#vitest
        .getRootProject()
        .createSpecification(path.join(ROOT, file), only && { testNamePattern: only });
      if (programs) this.#prepare();
      let late = false;
      // A file that loops for ever hears of no other way to end it.
      const timer = setTimeout(() => {
        late = true;
        endStragglers(INSIDE);
      }, timeout);
      const { testModules, unhandledErrors } = await this.#vitest.runTestSpecifications([specification]);
      clearTimeout(timer);
      const module = testModules.find(({ moduleId }) => moduleId === specification.moduleId);
      const failed = [...(module?.children.allTests('failed') ?? [])][0];
      if (failed === undefined && unhandledErrors.length === 0 && module?.ok() && !late) continue;
      await endStragglers(INSIDE);
      if (failed !== undefined) return failed.fullName;
      return late ? `the time limit of ${file}` : `an error outside of the tests in ${file}`;
    }
    return undefined;
  }

  async close() {
    await this.#vitest.close();
  }
}
