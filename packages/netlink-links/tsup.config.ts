import { packageBuild } from '../../tools/tsup.base.ts';

export default packageBuild({
  index: 'src/index.ts',
  operations: 'src/operations/index.ts',
  testing: 'src/testing/index.ts',
  container: 'src/container/index.ts',
  'send-thread': 'src/transport/send-thread/main.ts',
});
