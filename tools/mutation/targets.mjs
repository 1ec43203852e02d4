import { readFileSync } from 'node:fs';

/**
 * Test files of a package; with a pattern, only the tests of that name. Before tests that start programs a build is
 * made for those to read, which takes as long as many a test.
 */
const testsOf = (name) => (test, only, options) => {
  const file = `packages/${name}/test/${test}.test.ts`;
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  return { file, only, programs: options?.programs ?? text.includes('runProgram') };
};
const NO_PROGRAMS = { programs: false };
const core = testsOf('netns-core');
const dial = testsOf('vrf-dial');
const links = testsOf('netlink-links');

/**
 * The sources that faults are put into, and the tests that must notice, in the order in which they run: the first that
 * fails ends the run, so those come first that find most in the shortest time.
 */
export const TARGETS = {
  'packages/netns-core/src/hop/hop.ts': [
    core(
      'hop',
      /passes|nests|reports|published|refuses|never calls|work that would be done (?!.*cluster)|made at once/,
      NO_PROGRAMS,
    ),
    core('interrupted-calls'),
    core('hop', /inside a worker|cannot return/),
    core('hop-abort', /by default|function threw|openSocket/),
    core('threads', /readFile, in a Com/),
    core('inspector', /sent while/),
    core('faults', /runInNamespace|openSocket|namespaceCookie/),
  ],
  'packages/netns-core/src/thread/home.ts': [
    core('kept-descriptors', /^(?!.*package was loaded)/, NO_PROGRAMS),
    core('kept-descriptors', /package was loaded/),
    core('copies', /agree/),
    core('faults', /runInNamespace (by name|in)|resolveNamespace of '/),
  ],
  'packages/netns-core/src/thread/moves.ts': [
    core('interrupted-calls'),
    core('hop-abort', /by default|function threw|addNamed|worker thread|stderr/),
    core('hop-interrupted', /goes on|stops the process/),
    core('hop', /a thread that cannot return|nests|leaves no file descriptor/),
    core('terminated-worker', /whatever it was doing|however many/),
    core('faults', /nested|addNamed$|newNamed/),
  ],
  'packages/netns-core/src/thread/thread.ts': [
    core('interrupted-calls'),
    core('hop'),
    core('threads'),
    core('inspector'),
  ],
  'packages/netns-core/src/sys/thread-descriptors.ts': [
    core('terminated-worker', /whatever it was doing|however many|takes nothing/),
    core('terminated-worker', /random instructions/),
    core('copies', /worker/),
  ],
  'packages/netns-core/src/namespace/reference-identity.ts': [
    core('reference-identity', /^(?!.*permission)/, NO_PROGRAMS),
    core('reference-identity', /permission/),
  ],
  'packages/vrf-dial/src/target/watched-reference.ts': [dial('watched-reference'), dial('replaced')],
  'packages/vrf-dial/src/replacement/open-connections.ts': [
    dial('open-connections'),
    dial('replaced'),
    dial('older-kernels'),
  ],
  'packages/vrf-dial/src/resolve/answer-cache.ts': [dial('resolve/answer-cache'), dial('resolve/keys')],
  'packages/netlink-links/src/message/attribute-reader.ts': [links('attribute-reader'), links('codec')],
};
