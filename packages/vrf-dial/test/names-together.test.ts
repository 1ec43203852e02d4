import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { makeNamespaces, run, uniqueName } from '#testkit';
import { WatchedReference } from '../src/target/watched-reference.ts';

const COUNT = 12;
const RED = uniqueName('red');
const BLUE = uniqueName('blue');
let made: ReturnType<typeof makeNamespaces>;
let folder: string;
/** Where the names are. */
let dir: string;

const shell = (line: string): void => {
  run('sh', ['-ec', line]);
};
const fileOf = (index: number): string => `${dir}/n${index}`;

beforeAll(() => {
  made = makeNamespaces(RED, BLUE);
});
afterAll(() => made.remove());

// The clock of the library is the test's. What is looked at is the kernel's.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  folder = mkdtempSync('/run/together-');
  dir = `${folder}/names`;
  mountAll(dir, RED);
});
afterEach(() => {
  vi.useRealTimers();
  // The last first: what lies below another mount cannot be reached before.
  shell(`grep -o ' ${folder}[^ ]*' /proc/self/mountinfo | tac | while read -r each; do umount "$each"; done`);
  rmSync(folder, { recursive: true });
});

/** A directory with all names, of the same namespace. */
function mountAll(path: string, to: string): void {
  mkdirSync(path, { recursive: true });
  const mounts = Array.from(
    { length: COUNT },
    (_, index) => `touch ${path}/n${index}; mount --bind --make-private /run/netns/${to} ${path}/n${index}`,
  );
  shell(mounts.join('\n'));
}

/** All names, in use; and how often each came to mean something else. */
function allInUse(): { references: WatchedReference[]; calls: number[]; [Symbol.dispose](): void } {
  const calls = Array.from({ length: COUNT }, () => 0);
  const references = calls.map(
    (_, index) => new WatchedReference({ namespace: { name: `n${index}`, dir }, watched: { name: `n${index}`, dir } }),
  );
  const stops = references.map((reference, index) =>
    reference.use(() => {
      calls[index] = (calls[index] ?? 0) + 1;
    }),
  );
  return {
    references,
    calls,
    [Symbol.dispose]: () => {
      for (const stop of stops) stop();
    },
  };
}

const tick = (): void => void vi.advanceTimersByTime(25);
const isTogether = ({ references }: { references: WatchedReference[] }): boolean[] =>
  references.map(({ isUnchanged }) => isUnchanged);

function meant(file: string): string {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? 'missing' : `NS(${found.dev}:${found.ino})`;
}

const mountinfoFds = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).endsWith('/mountinfo');
    } catch {
      return false;
    }
  }).length;

it('names of one directory are looked at together, and by themselves where they are few', () => {
  const few = new WatchedReference({ namespace: { name: 'n0', dir }, watched: { name: 'n0', dir } });
  const stop = few.use(() => {});
  tick();
  tick();
  expect(few.isUnchanged).toBe(false);
  // That of the watch of netns-core, which hears of names sooner.
  const before = mountinfoFds();
  {
    using all = allInUse();
    expect(isTogether(all)).not.toContain(true);
    tick();
    tick();
    expect(isTogether(all)).not.toContain(false);
    expect(mountinfoFds()).toBe(before + 1);
  }
  stop();
  expect(mountinfoFds()).toBe(before);
});

it('names of which none changes are looked at every 25 ms all the same', () => {
  using all = allInUse();
  tick();
  tick();
  const [first] = all.references;
  first?.current();
  const before = first?.lookedAt ?? 0;
  tick();
  first?.current();
  expect(first?.lookedAt).toBe(before + 25);
});

const NAME = (): string => fileOf(3);
/** What one name, or all, can come to mean, by a change that only the mounts or the directories show. */
const CHANGES: Record<string, () => void> = {
  'mounted over': () => shell(`mount --bind --make-private /run/netns/${BLUE} ${NAME()}`),
  'mounted anew': () => shell(`umount ${NAME()}; mount --bind --make-private /run/netns/${BLUE} ${NAME()}`),
  'unmounted, its file left': () => shell(`umount ${NAME()}`),
  'removed in another mount namespace': () => shell(`unshare --mount sh -ec 'umount ${NAME()}; rm ${NAME()}'`),
  'a link in its place': () => shell(`umount ${NAME()}; rm ${NAME()}; ln -s /run/netns/${BLUE} ${NAME()}`),
  'another directory in the place of its own': () => {
    mountAll(`${folder}/other`, BLUE);
    renameSync(dir, `${folder}/before`);
    renameSync(`${folder}/other`, dir);
  },
  'a link in the place of the directory': () => {
    mountAll(`${folder}/other`, BLUE);
    renameSync(dir, `${folder}/before`);
    symlinkSync(`${folder}/other`, dir);
  },
  'a file system mounted over the directory': () =>
    shell(
      `mount -t tmpfs --make-private x ${dir}; touch ${NAME()}; mount --bind --make-private /run/netns/${BLUE} ${NAME()}`,
    ),
  'the directory gone': () => renameSync(dir, `${folder}/before`),
};

it.each(Object.keys(CHANGES))('%s: found 25 ms later', (change) => {
  using all = allInUse();
  tick();
  tick();
  expect(isTogether(all)).not.toContain(false);
  const before = all.references.map((reference) => reference.current());
  CHANGES[change]?.();
  tick();
  const now = all.references.map((_, index) => meant(fileOf(index)));
  expect(now).not.toEqual(before);
  expect(all.references.map((reference) => reference.current())).toEqual(now);
  expect(all.calls).toEqual(now.map((id, index) => (id === before[index] ? 0 : 1)));
});

it('a request that comes before the next look at all finds what has changed, once the last look is 20 ms old', () => {
  using all = allInUse();
  tick();
  tick();
  const [, second] = all.references;
  vi.advanceTimersByTime(20);
  second?.current();
  shell(`mount --bind --make-private /run/netns/${BLUE} ${fileOf(1)}`);
  vi.advanceTimersByTime(20);
  expect(second?.current()).toBe(meant(fileOf(1)));
});

it('random changes of many names are followed, whatever has changed and in whatever order', () => {
  const seed = Date.now() % 100_000;
  let state = seed;
  const random = (limit: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * limit);
  };
  const clear = (file: string): string =>
    `[ -L ${file} ] || while umount ${file} 2>/dev/null; do :; done; rm -f ${file}`;
  const ways: ((file: string, to: string) => string)[] = [
    (file, to) => `${clear(file)}; touch ${file}; mount --bind --make-private /run/netns/${to} ${file}`,
    (file, to) =>
      `[ ! -L ${file} ] || rm ${file}; [ -e ${file} ] || touch ${file}; mount --bind --make-private /run/netns/${to} ${file}`,
    (file, to) => `${clear(file)}; ln -s /run/netns/${to} ${file}`,
    (file) => `${clear(file)}; ln -s /proc/${process.pid}/ns/net ${file}`,
    (file) => clear(file),
    (file) => `${clear(file)}; touch ${file}`,
    (file, to) => `ln -sfn /run/netns/${to} ${folder}/new; ${clear(file)}; mv -T ${folder}/new ${file}`,
  ];
  using all = allInUse();
  for (let step = 0; step < 120; step += 1) {
    const changes = Array.from({ length: 1 + random(3) }, () => {
      const file = fileOf(random(COUNT));
      return ways[random(ways.length)]?.(file, random(2) === 0 ? RED : BLUE) ?? '';
    });
    if (random(4) > 0) shell(changes.join('\n'));
    vi.advanceTimersByTime(10 + random(30));
    // Whatever timer was due by now: a look that is 20 ms old at most.
    vi.advanceTimersByTime(25);
    for (const [index, reference] of all.references.entries())
      expect(reference.current(), `seed ${seed}, step ${step}, name ${index}`).toBe(meant(fileOf(index)));
  }
}, 60_000);
