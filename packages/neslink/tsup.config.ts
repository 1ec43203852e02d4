import { packageBuild } from '../../tools/tsup.base.ts';

export default packageBuild({
  index: 'src/index.ts',
  docker: 'src/docker/index.ts',
  process: 'src/process/index.ts',
  ovs: 'src/ovs/index.ts',
  script: 'src/script/index.ts',
  handler: 'src/handler/index.ts',
  lab: 'src/lab/index.ts',
});
