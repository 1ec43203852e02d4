import path from 'node:path';
import { REPOSITORY } from './repository.mjs';

/**
 * A plugin of markdown-it: links that lead out of docs/, to a file of the repository, lead to the repository's site. So
 * one link is right in the repository and on the site.
 *
 * @param {import('vitepress').MarkdownRenderer} markdown
 */
export function outsideLinks(markdown) {
  markdown.core.ruler.push('outside-links', ({ tokens, env }) => {
    const from = path.dirname(env.relativePath ?? '');
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      if (token.type !== 'link_open') continue;
      const href = token.attrGet('href') ?? '';
      if (href === '' || /^([a-z]+:|[#/])/i.test(href)) continue;
      const target = path.posix.normalize(path.posix.join(from, href));
      if (target.startsWith('../')) token.attrSet('href', `${REPOSITORY}/blob/main/${target.slice(3)}`);
    }
    return false;
  });
}
