import { packageBuild } from '../../tools/rolldown.base.ts';

export default packageBuild({
  entries: { index: 'src/index.ts', node: 'src/node.ts', register: 'src/register/register.ts' },
  shared: { core: ['src/node.ts', 'src/undici/end-after-request.ts'] },
});
