import { packageBuild } from '../../tools/tsup.base.ts';

export default packageBuild({ index: 'src/index.ts', register: 'src/register/register.ts' });
