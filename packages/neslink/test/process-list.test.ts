import { Do, NAExec, NPName } from 'neslink';
import { NAGetProcesses } from 'neslink/process';
import { describe, expect, it } from 'vitest';
import { makeNamespaces, uniqueName } from '#testkit';

describe('NAGetProcesses', () => {
  it('lists hundreds of processes, none twice, none missing, while others come and go', async () => {
    const [name, other] = [uniqueName('p'), uniqueName('p')];
    using _ = makeNamespaces(name, other);
    const count = 400;
    const [crowd] = await Do(
      NPName(name),
      NAExec('sh', ['-c', `i=0; while [ $i -lt ${count} ]; do sleep 1000 & i=$((i+1)); done; echo up; wait`]),
    );
    // Processes of a moment, in both namespaces.
    const churn = 'while :; do /bin/true; done';
    const [here] = await Do(NPName(name), NAExec('sh', ['-c', churn]));
    const [there] = await Do(NPName(other), NAExec('sh', ['-c', churn]));
    try {
      await new Promise((resolve) => crowd.stdout.once('data', resolve));
      for (let round = 0; round < 5; round += 1) {
        const [tasks] = await Do(NPName(name), NAGetProcesses());
        expect(new Set(tasks.map(({ task }) => task)).size).toBe(tasks.length);
        // The crowd, its shell, the churning shell and at most a few of its children.
        expect(tasks.length).toBeGreaterThanOrEqual(count + 2);
        expect(tasks.length).toBeLessThan(count + 10);
        expect(tasks.some(({ process }) => process === there.pid)).toBe(false);
      }
    } finally {
      for (const process of [crowd, here, there]) await process[Symbol.asyncDispose]();
    }
  });
});
