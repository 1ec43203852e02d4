// Test files run in the order of their names, on every machine and every time, so that a run can be repeated.
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Last, since they leave a thousand namespaces to the end of the sandbox. To take them down costs the kernel many
 * seconds, in which no process gets a new namespace; and to leave them makes the list of mounts long for the next files.
 */
const LAST = /\/thousand\.test\.ts$/;

export class FileOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const key = ({ moduleId }: TestSpecification): string => `${LAST.test(moduleId) ? 1 : 0}${moduleId}`;
    return files.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  }
}
