import { packageBuild } from '../../tools/rolldown.base.ts';

export default packageBuild({
  entries: {
    index: 'src/index.ts',
    sys: 'src/sys/index.ts',
    checks: 'src/internal.ts',
    etc: 'src/etc/index.ts',
    identity: 'src/namespace/reference-identity.ts',
    broker: 'src/broker/index.ts',
    'netns-broker': 'src/broker/main.ts',
    'namespace-thread': 'src/namespace-thread/main.ts',
    'worker-preload': 'src/worker/preload.ts',
  },
  shared: {
    errors: ['src/errors.ts', 'src/sys/ip-address.ts', 'src/worker/worker-namespace.ts'],
    core: [
      'src/sys/index.ts',
      'src/internal.ts',
      'src/namespace/reference-identity.ts',
      'src/namespace-thread/jobs.ts',
    ],
    namespaces: ['src/index.ts'],
  },
});
