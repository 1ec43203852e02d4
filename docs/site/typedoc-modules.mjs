import { Converter } from 'typedoc';

/**
 * A plugin of TypeDoc: modules are called as they are imported, `netlink-links/operations`, and not by the place of their
 * file, `netlink-links/src/netlink/operations`.
 *
 * @param {import('typedoc').Application} app
 */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? [])
      module.name = module.name.replace(/\/src\b/, '').replace('/netlink/operations', '/operations');
  });
}
