#!/usr/bin/env node
import { EXIT_CODE } from './exit-codes.js';
import { main } from './main.js';
import { messageOf } from './output/errors.js';
import { printNote } from './output/print.js';
import { errorStyle } from './output/style.js';

// The reader of the output may stop reading: `vrf list | head -1`.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    if (stream === process.stdout) printNote(`${errorStyle.red('vrf:')} cannot write the output: ${messageOf(error)}`);
    process.exit(process.exitCode || EXIT_CODE.failure);
  });

await main(process.argv.slice(2));
