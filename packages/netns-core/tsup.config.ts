import { packageBuild } from '../../tools/tsup.base.ts';

export default packageBuild({
  index: 'src/index.ts',
  sys: 'src/sys/index.ts',
  checks: 'src/internal.ts',
  etc: 'src/etc/index.ts',
  identity: 'src/namespace/reference-identity.ts',
  broker: 'src/broker/index.ts',
  'netns-broker': 'src/broker/main.ts',
  'namespace-thread': 'src/namespace-thread/main.ts',
  'worker-preload': 'src/worker/preload.ts',
});
