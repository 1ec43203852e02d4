import { packageBuild } from '../../tools/rolldown.base.ts';

export default packageBuild({
  entries: { index: 'src/index.ts', plugin: 'src/plugin/index.ts', runtime: 'src/runtime/index.ts' },
});
