// Looks at the built site, and at the page that `vrf map` writes, in a real browser: Debian's Chromium, or the one that
// CHROMIUM names. No error or warning on the console, nothing asked for outside the page's own server, no page wider than
// a phone, a search that leads somewhere, and pages that can be read without JavaScript. Screenshots stay in
// docs/.screenshots.
//
//   npx -y pnpm@10 site:look     (after `npx -y pnpm@10 site`)
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const DIST = fileURLToPath(new URL('../.vitepress/dist/', import.meta.url));
const SCREENSHOTS = fileURLToPath(new URL('../.screenshots/', import.meta.url));
const VRF = fileURLToPath(new URL('../../packages/vrf-cli/dist/cli.js', import.meta.url));
const BASE = process.env.DOCS_BASE ?? '/';
/** Of the generated pages, which are all alike, one of so many. */
const SAMPLE = 100;
const WIDTHS = /** @type {const} */ ([
  { name: 'desktop', width: 1280, height: 900, colorScheme: 'light' },
  { name: 'phone', width: 390, height: 844, colorScheme: 'dark' },
]);
const PHOTOGRAPHED = ['index', 'guide/getting-started', 'reference/vrf-dial/fetch', 'errors'];
const TYPES = /** @type {Record<string, string>} */ ({
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
});

/** @type {string[]} */
const problems = [];

/** Serves the site as a web server with clean addresses does. */
async function serveSite() {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    const name = decodeURIComponent(pathname.slice(BASE.length)) || 'index.html';
    for (const file of [name, `${name}.html`, `${name.replace(/\/$/, '')}/index.html`])
      try {
        const body = readFileSync(path.join(DIST, path.posix.normalize(`/${file}`)));
        response.writeHead(200, { 'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream' });
        response.end(body);
        return;
      } catch {
        // The next of the names.
      }
    response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { server, origin: `http://127.0.0.1:${port}` };
}

/** Notes what a page must not do. @param {import('playwright-core').Page} page @param {string} origin */
function watch(page, origin) {
  const where = () => new URL(page.url()).pathname;
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`${where()}: console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`${where()}: ${error.message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`) && !request.url().startsWith('data:'))
      problems.push(`${where()}: asks for ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${where()}: ${response.status()} for ${response.url()}`);
  });
}

/** @param {import('playwright-core').Page} page @param {string} what */
async function checkWidth(page, what) {
  const { wide, seen } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    seen: document.documentElement.clientWidth,
  }));
  if (wide > seen) problems.push(`${what}: ${wide} pixels wide where ${seen} can be seen`);
}

const hydrated = (/** @type {import('playwright-core').Page} */ page) =>
  page.waitForFunction(() => '__vue_app__' in (document.querySelector('#app') ?? {}));

/** What a reader types, and where the first hits and Enter must lead. */
async function search(/** @type {import('playwright-core').Page} */ page, /** @type {string} */ origin) {
  for (const [query, target] of [
    ['listenInVrf', /listen/],
    ['ERR_ASYNC_CALLBACK', /errors|hop/],
    ['mount propagation', /containers/],
  ]) {
    await page.goto(`${origin}${BASE}guide/getting-started`);
    await hydrated(page);
    await page.keyboard.press('Control+k');
    await page.locator('.VPLocalSearchBox input').fill(String(query));
    await page.locator('.VPLocalSearchBox .result').first().waitFor();
    const before = page.url();
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.href !== before);
    if (!(target instanceof RegExp && target.test(page.url())))
      problems.push(`the search for "${query}" leads to ${page.url()}`);
  }
}

mkdirSync(SCREENSHOTS, { recursive: true });
const names = readdirSync(DIST, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.html') && file !== '404.html')
  .map((file) => file.slice(0, -'.html'.length))
  .sort();
const generated = names.filter((name) => name.startsWith('api/'));
const chosen = [
  ...names.filter((name) => !name.startsWith('api/')),
  ...generated.filter((_, index) => index % SAMPLE === 0),
];

const { server, origin } = await serveSite();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
});
const folder = mkdtempSync(path.join(tmpdir(), 'look-'));
try {
  for (const { name: width, colorScheme, ...viewport } of WIDTHS) {
    const context = await browser.newContext({ viewport, colorScheme });
    const page = await context.newPage();
    watch(page, origin);
    for (const name of chosen) {
      await page.goto(`${origin}${BASE}${name.replace(/(^|\/)index$/, '$1')}`);
      await hydrated(page);
      await checkWidth(page, `${name} (${width})`);
      if (PHOTOGRAPHED.includes(name))
        await page.screenshot({ path: path.join(SCREENSHOTS, `${name.replaceAll('/', '-')}-${width}.png`) });
    }
    const dark = await page.evaluate(() => document.documentElement.classList.contains('dark'));
    if (dark !== (colorScheme === 'dark')) problems.push(`a reader who prefers ${colorScheme} is shown the other`);
    if (width === 'desktop') await search(page, origin);
    await context.close();
  }

  const plain = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 } });
  const page = await plain.newPage();
  for (const name of ['guide/getting-started', 'reference/vrf-dial/fetch']) {
    await page.goto(`${origin}${BASE}${name}`);
    if ((await page.locator('.VPSidebar a').count()) < 10) problems.push(`${name}: no sidebar without JavaScript`);
    const main = page.locator('main');
    if (!(await main.isVisible()) || ((await main.textContent()) ?? '').length < 500)
      problems.push(`${name}: no text without JavaScript`);
  }
  await plain.close();

  // The map of this sandbox, with two namespaces in it.
  const map = path.join(folder, 'map.html');
  for (const name of ['ns-red', 'ns-blue']) execFileSync('ip', ['netns', 'add', name]);
  execFileSync('ip', ['link', 'add', 'red0', 'netns', 'ns-red', 'type', 'veth', 'peer', 'blue0', 'netns', 'ns-blue']);
  execFileSync(process.execPath, [VRF, 'map', '-o', map]);
  for (const { name: width, colorScheme, ...viewport } of WIDTHS) {
    const context = await browser.newContext({ viewport, colorScheme });
    const mapPage = await context.newPage();
    watch(mapPage, 'file:');
    await mapPage.goto(pathToFileURL(map).href);
    await checkWidth(mapPage, `map (${width})`);
    for (const text of ['ns-red', 'blue0'])
      if ((await mapPage.getByText(text).count()) === 0) problems.push(`the map does not show ${text}`);
    const cut = await mapPage.evaluate(() => {
      const picture = document.querySelector('svg')?.getBoundingClientRect();
      return [...document.querySelectorAll('svg .wire')].some((wire) => {
        const { left, right, top, bottom } = wire.getBoundingClientRect();
        return (
          picture && (left < picture.left || right > picture.right || top < picture.top || bottom > picture.bottom)
        );
      });
    });
    if (cut) problems.push('a line of the map lies outside its picture');
    await mapPage.locator('input').fill('red0');
    await mapPage.screenshot({ path: path.join(SCREENSHOTS, `map-${width}.png`), fullPage: true });
    await context.close();
  }
} finally {
  await browser.close();
  server.close();
  rmSync(folder, { recursive: true });
}

if (problems.length > 0) {
  console.error([...new Set(problems)].slice(0, 100).join('\n'));
  console.error(`${problems.length} problems`);
  process.exitCode = 1;
} else console.log(`${chosen.length} pages at two widths, and the map: nothing to complain of`);
