#!/usr/bin/env node
// Packs the packages, bundles a program that uses them with esbuild, webpack and rollup, and runs the bundles in a
// sandbox: docs/guide/typescript-and-bundlers.md as a check. tools/packed runs it as well.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packAll } from '../packed/packs.mjs';
import { checkBundlers } from './check-bundlers.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'bundlers-'));
try {
  checkBundlers(folder, packAll(folder).dependencies);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
