import { packageBuild } from '../../tools/rolldown.base.ts';

export default packageBuild({
  entries: {
    index: 'src/index.ts',
    docker: 'src/docker/index.ts',
    process: 'src/process/index.ts',
    ovs: 'src/ovs/index.ts',
    script: 'src/script/index.ts',
    handler: 'src/handler/index.ts',
    lab: 'src/lab/index.ts',
  },
  shared: {
    namespace: ['src/namespace.ts', 'src/docker/docker-client.ts'],
    script: ['src/script/index.ts', 'src/exec-actions.ts'],
  },
});
