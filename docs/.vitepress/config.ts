import { existsSync, readFileSync } from 'node:fs';
import { type DefaultTheme, defineConfig } from 'vitepress';
import { outsideLinks } from '../site/outside-links.mjs';
import { REPOSITORY } from '../site/repository.mjs';
import { SEARCH_OPTIONS, TOKENIZE } from '../site/search.mjs';
import { GUIDE, REFERENCE } from './sidebar.mjs';

/** The generated pages of each module, in a sidebar of its own: one for all would be in every page. */
function apiSidebars(): DefaultTheme.SidebarMulti {
  const file = new URL('../api/typedoc-sidebar.json', import.meta.url);
  if (!existsSync(file)) return {};
  const modules = JSON.parse(readFileSync(file, 'utf8')) as DefaultTheme.SidebarItem[];
  const back = { text: 'Reference', link: '/reference/vrf-dial/' };
  const sidebars: [string, DefaultTheme.SidebarItem[]][] = modules.map((module) => [
    String(module.link ?? '').replace(/(index)?(\.md)?$/, ''),
    [back, { ...module, collapsed: false }],
  ]);
  const overview = modules.map(({ text, link }) => ({ text, link }) as DefaultTheme.SidebarItem);
  return { '/api/': [back, { text: 'Modules', items: overview }], ...Object.fromEntries(sidebars) };
}

export default defineConfig({
  title: 'netns for Node.js',
  description: 'Linux network namespaces and VRFs for Node.js programs',
  lang: 'en',
  base: process.env.DOCS_BASE ?? '/',
  cleanUrls: true,
  metaChunk: true,
  lastUpdated: false,
  srcExclude: ['node_modules/**', 'site/**'],
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${process.env.DOCS_BASE ?? '/'}packages.svg` }]],
  markdown: {
    // Other words behind the language are for the tests, not for the highlighter.
    languageAlias: { conf: 'ini' },
    config(markdown) {
      outsideLinks(markdown);
      // Vue would evaluate what a Go template has between double braces.
      const { text, code_inline: codeInline } = markdown.renderer.rules;
      const escapeBraces = (html: string): string => html.replaceAll('{{', '&#123;&#123;');
      markdown.renderer.rules.text = (...args) =>
        escapeBraces(text?.(...args) ?? markdown.utils.escapeHtml(args[0][args[1]]?.content ?? ''));
      if (codeInline) markdown.renderer.rules.code_inline = (...args) => escapeBraces(codeInline(...args));
    },
  },
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/guide/getting-started', activeMatch: '^/guide/' },
      { text: 'Reference', link: '/reference/vrf-dial/', activeMatch: '^/reference/' },
      { text: 'Errors', link: '/errors' },
      { text: 'API', link: '/api/', activeMatch: '^/api/' },
    ],
    sidebar: { '/reference/': REFERENCE, '/errors': REFERENCE, ...apiSidebars(), '/': GUIDE },
    outline: [2, 3],
    socialLinks: [{ icon: 'github', link: REPOSITORY }],
    search: {
      provider: 'local',
      options: {
        miniSearch: { options: { tokenize: TOKENIZE }, searchOptions: SEARCH_OPTIONS },
      },
    },
  },
});
