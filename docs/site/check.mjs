// Checks the site that was built: no dead link and no dead fragment in any page, every page readable without JavaScript,
// nothing fetched from elsewhere, and a search index that finds what a reader types.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import MiniSearch from 'minisearch';
import { SEARCH_OPTIONS, TOKENIZE } from './search.mjs';

const DIST = fileURLToPath(new URL('../.vitepress/dist/', import.meta.url));
const BASE = process.env.DOCS_BASE ?? '/';
const files = readdirSync(DIST, { recursive: true, encoding: 'utf8' });
const pages = files.filter((file) => file.endsWith('.html'));
/** @type {string[]} */
const problems = [];

const decoded = (/** @type {string} */ text) => text.replaceAll('&amp;', '&').replaceAll('&quot;', '"');
/** @type {Map<string, { html: string; ids: Set<string> }>} */
const read = new Map(
  pages.map((page) => {
    const html = readFileSync(path.join(DIST, page), 'utf8');
    return [page, { html, ids: new Set([...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => decoded(id ?? ''))) }];
  }),
);

/** The file that an address of the site means. @param {string} address */
function fileOf(address) {
  const file = decodeURI(address.slice(BASE.length));
  return [file, `${file}.html`, path.posix.join(file, 'index.html')].find((each) => {
    const full = path.join(DIST, each);
    return each !== '' && existsSync(full) && statSync(full).isFile();
  });
}

let links = 0;
for (const [page, { html }] of read) {
  if (page === '404.html') continue;
  for (const [, attribute, value = ''] of html.matchAll(/ (href|src)="([^"]*)"/g)) {
    const address = decoded(value);
    if (/^(mailto|data|javascript):/.test(address)) continue;
    if (/^https?:|^\/\//.test(address)) {
      if (attribute === 'src') problems.push(`${page} fetches ${address}`);
      continue;
    }
    links += 1;
    const here = new URL(page, `http://x${BASE}`);
    const url = new URL(address, here);
    const file = address.startsWith('#') ? page : fileOf(url.pathname);
    if (file === undefined) problems.push(`${page}: ${address} leads nowhere`);
    else if (
      url.hash.length > 1 &&
      file.endsWith('.html') &&
      !read.get(file)?.ids.has(decodeURIComponent(url.hash.slice(1)))
    )
      problems.push(`${page}: ${address} has no such place`);
  }
  const body = /<main[^>]*>(.*?)<\/main>/s.exec(html)?.[1] ?? html;
  if (body.replace(/<[^>]+>/g, '').trim().length < 100) problems.push(`${page} has no text without JavaScript`);
}

const indexFile = files.find((file) => /localSearchIndexroot.*\.js$/.test(file));
if (indexFile === undefined) problems.push('there is no search index');
else {
  const { default: json } = await import(pathToFileURL(path.join(DIST, indexFile)).href);
  const index = MiniSearch.loadJSON(json, {
    fields: ['title', 'titles', 'text'],
    storeFields: ['title', 'titles'],
    tokenize: TOKENIZE,
  });
  /** @type {readonly [query: string, page: string][]} what a reader types, and a page that must be among the first ten */
  const expected = [
    ['listenInVrf', 'reference/vrf-dial/listen'],
    ['createVrfFetch', 'reference/vrf-dial/fetch'],
    ['ERR_ASYNC_CALLBACK', 'errors'],
    ['mount propagation', 'guide/containers'],
    ['pyroute2', 'guide/from-ip-tc-pyroute2'],
    ['netem', 'reference/netlink-links/qdiscs'],
  ];
  for (const [query, page] of expected) {
    const found = index.search(query, SEARCH_OPTIONS);
    if (!found.slice(0, 10).some(({ id }) => String(id).includes(`/${page}`)))
      problems.push(`the search for "${query}" does not find ${page} among its first ten`);
  }
}

if (problems.length > 0) {
  console.error(problems.slice(0, 100).join('\n'));
  console.error(`${problems.length} problems`);
  process.exitCode = 1;
} else console.log(`${pages.length} pages, ${links} links: none is dead, and the search finds`);
