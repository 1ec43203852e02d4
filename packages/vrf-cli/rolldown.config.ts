import { packageBuild } from '../../tools/rolldown.base.ts';

// A program, not a library: it is never imported or required.
export default packageBuild({
  entries: { cli: 'src/cli.ts' },
  // What is needed before the command is known.
  shared: { program: ['src/main.ts'] },
  formats: ['es'],
});
