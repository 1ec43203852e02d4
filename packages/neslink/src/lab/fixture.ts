import { NetnsError } from 'netns-core';
import { buildLab, type LabOptions } from './build-lab.js';
import type { Lab } from './lab.js';
import type { LabTopology } from './topology.js';

/** The hooks of a test runner. */
export interface LabHooks {
  beforeAll(hook: () => Promise<void>): unknown;
  afterAll(hook: () => Promise<void>): unknown;
}

/** A lab for tests: a fixture of vitest as it is, hooks for jest and others. */
export interface LabFixture {
  (context: object, use: (lab: Lab) => Promise<void>): Promise<void>;
  /**
   * Builds the lab before the tests of a file or `describe`, and closes it after them.
   *
   * @param hooks those of jest, say. Default: the global functions of these names
   * @returns a function that gives the lab, to be called in a test
   */
  hooks(hooks?: LabHooks): () => Lab;
}

/**
 * A lab as a fixture.
 *
 * ```ts
 * // vitest
 * const test = base.extend<{ lab: Lab }>({ lab: labFixture(topology) });
 * test('h1 reaches h2', async ({ lab }) => { … });
 *
 * // jest
 * const lab = labFixture(topology).hooks();
 * test('h1 reaches h2', async () => { await lab().node('h1').ping('h2'); });
 * ```
 */
export function labFixture(topology: LabTopology, options: LabOptions = {}): LabFixture {
  const fixture = async (_context: object, use: (lab: Lab) => Promise<void>): Promise<void> => {
    const lab = await buildLab(topology, options);
    try {
      await use(lab);
    } finally {
      await lab.close();
    }
  };
  const hooks = ({ beforeAll, afterAll }: LabHooks = globalThis as unknown as LabHooks): (() => Lab) => {
    if (typeof beforeAll !== 'function' || typeof afterAll !== 'function')
      throw new NetnsError('there are no global functions beforeAll and afterAll: pass those of the test runner', {
        code: 'ERR_INVALID_ARGUMENT',
      });
    let lab: Lab | undefined;
    beforeAll(async () => {
      lab = await buildLab(topology, options);
    });
    afterAll(async () => {
      await lab?.close();
      lab = undefined;
    });
    return () => {
      if (lab === undefined)
        throw new NetnsError('the lab is there in tests only, and while they run', { code: 'ERR_LAB_CLOSED' });
      return lab;
    };
  };
  // vitest reads from the text of a function which other fixtures it needs. A bound one shows no text: it needs none.
  return Object.assign(fixture.bind(undefined), { hooks });
}
