import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '../..');
export const PACKAGES = path.join(ROOT, 'packages');
/** The program that builds the JavaScript of the package in whose folder it is started. */
export const ROLLDOWN = path.join(ROOT, 'node_modules/rolldown/bin/cli.mjs');

/** The names of the packages, which are those of their folders. */
export function packageNames(packages = PACKAGES) {
  return readdirSync(packages)
    .filter((name) => existsSync(path.join(packages, name, 'package.json')))
    .sort();
}

/** The manifest in a folder. */
export function readManifest(folder) {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
}

/** Runs a program to its end and returns what it prints; throws if it fails, with what it said on stderr. */
export function run(program, args, cwd, env = process.env) {
  return execFileSync(program, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
