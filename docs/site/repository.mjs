import { readFileSync } from 'node:fs';

/** @type {{ repository: string }} */
const publisher = JSON.parse(readFileSync(new URL('../../tools/release/publisher.json', import.meta.url), 'utf8'));

/** Where the sources are read. */
export const REPOSITORY = publisher.repository;
