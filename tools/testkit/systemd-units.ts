import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Pages with units of systemd: code blocks that begin with the file's name. */
const PAGES = ['../../docs/broker.md', '../../docs/guide/privileges.md'];

/** The systemd units of the pages, by file name. */
export function unitsOfPages(): Map<string, string> {
  const text = PAGES.map((page) => readFileSync(fileURLToPath(new URL(page, import.meta.url)), 'utf8')).join('\n');
  const found = text.matchAll(/```ini\n# \/etc\/systemd\/system\/(\S+)\n([\s\S]*?)```/g);
  return new Map([...found].map(([, name = '', unit = '']) => [name, unit]));
}
