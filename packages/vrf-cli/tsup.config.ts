import { packageBuild } from '../../tools/tsup.base.ts';

// A program, not a library: it is never imported or required.
export default packageBuild({ cli: 'src/cli.ts' }, { format: ['esm'] });
