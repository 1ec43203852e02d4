import { packageBuild } from '../../tools/rolldown.base.ts';

export default packageBuild({ entries: { index: 'src/index.ts' } });
