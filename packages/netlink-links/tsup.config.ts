import { packageBuild } from '../../tools/tsup.base.ts';

export default packageBuild({
  index: 'src/index.ts',
  attributes: 'src/attributes/index.ts',
  operations: 'src/netlink/operations.ts',
  testing: 'src/testing/index.ts',
  container: 'src/container/index.ts',
  'send-thread': 'src/socket/send-thread/main.ts',
});
