import { readdirSync, statSync } from 'node:fs';
import type { Action } from '../action.js';

/** A task (a thread) that lives in a network namespace. */
export interface Task {
  /** Its process. */
  readonly process: number;
  /** Its own id. */
  readonly task: number;
  /** Whether it is its process's first thread. */
  readonly rootTask: boolean;
  /** The device of its namespace's file. */
  readonly device: bigint;
  /** The inode of its namespace's file. */
  readonly inode: bigint;
}

/** Processes examined before others get their turn of the event loop. */
const BATCH = 256;

/**
 * Lists the tasks in the namespace, threads included, in order of their ids. Tasks that end meanwhile are left out; so
 * are those that this process may not look at (other users' processes, without `CAP_SYS_PTRACE`).
 */
export function NAGetProcesses(): Action<Task[]> {
  return {
    name: 'NAGetProcesses',
    do: async ({ namespace: { dev, ino } }) => {
      const tasks: Task[] = [];
      let seen = 0;
      for (const name of readdirSync('/proc')) {
        if (!/^\d+$/.test(name)) continue;
        seen += 1;
        if (seen % BATCH === 0) await new Promise((resolve) => setImmediate(resolve));
        for (const id of tasksOf(name)) {
          const identity = namespaceOf(`/proc/${name}/task/${id}/ns/net`);
          if (identity?.dev !== dev || identity.ino !== ino) continue;
          const [process, task] = [Number(name), Number(id)];
          tasks.push({ process, task, rootTask: process === task, device: identity.dev, inode: identity.ino });
        }
      }
      return tasks;
    },
  };
}

function tasksOf(process: string): string[] {
  try {
    return readdirSync(`/proc/${process}/task`);
  } catch {
    // It has ended.
    return [];
  }
}

function namespaceOf(file: string): { dev: bigint; ino: bigint } | undefined {
  try {
    return statSync(file, { bigint: true, throwIfNoEntry: false });
  } catch {
    // It has just ended (ESRCH), or is none of our business (EACCES).
    return undefined;
  }
}
