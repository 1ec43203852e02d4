import { packageBuild } from '../../tools/tsup.base.ts';

export default packageBuild({ index: 'src/index.ts', node: 'src/node.ts', register: 'src/register/register.ts' });
