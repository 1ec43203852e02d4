import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../../packages/netns-core/package.json', import.meta.url), 'utf8'));
const { repository } = manifest;
const url = typeof repository === 'string' ? repository : repository?.url;

/** Where the sources are read: `repository` of the packages, or a placeholder as long as they have none. */
export const REPOSITORY = (url ?? 'https://github.com/OWNER/REPO').replace(/^git\+/, '').replace(/\.git$/, '');
