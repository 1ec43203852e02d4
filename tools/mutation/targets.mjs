const core = (...names) => names.map((name) => `packages/netns-core/test/${name}.test.ts`);
const dial = (...names) => names.map((name) => `packages/vrf-dial/test/${name}.test.ts`);
const links = (...names) => names.map((name) => `packages/netlink-links/test/${name}.test.ts`);
const hops = core('hop', 'hop-abort', 'older-kernels');

/** The sources that faults are put into, and the tests that must notice. */
export const TARGETS = {
  'packages/netns-core/src/hop/hop.ts': hops,
  'packages/netns-core/src/thread/home.ts': hops,
  'packages/netns-core/src/thread/moves.ts': core('hop', 'hop-abort', 'hop-interrupted', 'terminated-worker'),
  'packages/netns-core/src/thread/thread.ts': hops,
  'packages/netns-core/src/sys/thread-descriptors.ts': core('terminated-worker'),
  'packages/netns-core/src/namespace/reference-identity.ts': core('reference-identity'),
  'packages/vrf-dial/src/target/watched-reference.ts': dial('replaced', 'older-kernels'),
  'packages/vrf-dial/src/replacement/open-connections.ts': dial('replaced', 'older-kernels', 'leaks'),
  'packages/vrf-dial/src/resolve/answer-cache.ts': dial('resolve/servers', 'resolve/lookup'),
  'packages/netlink-links/src/message/attribute-reader.ts': links('codec', 'damaged-captures'),
};
