import { packageBuild } from '../../tools/rolldown.base.ts';

export default packageBuild({
  entries: {
    index: 'src/index.ts',
    attributes: 'src/attributes/index.ts',
    operations: 'src/netlink/operations.ts',
    testing: 'src/testing/index.ts',
    container: 'src/container/index.ts',
    'send-thread': 'src/socket/send-thread/main.ts',
  },
  shared: {
    ring: ['src/socket/send-thread/ring.ts'],
    attributes: ['src/attributes/index.ts'],
    operations: ['src/netlink/operations.ts'],
    core: ['src/index.ts'],
  },
});
