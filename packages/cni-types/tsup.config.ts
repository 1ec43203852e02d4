import { packageBuild } from '../../tools/tsup.base.ts';

export default packageBuild({
  index: 'src/index.ts',
  plugin: 'src/plugin/index.ts',
  runtime: 'src/runtime/index.ts',
});
