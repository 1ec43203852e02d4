import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { type Field, u32 } from '../../message/fields.js';
import { checkLinkName } from '../../operation/link-name.js';
import { TCA_FW_ACT, TCA_FW_CLASSID, TCA_FW_INDEV, TCA_FW_MASK } from '../../uapi/pkt-cls.js';
import { type FilterKind, filterOfFields } from './kind.js';

/** A filter that matches the firewall mark; tc-fw(8). */
export interface FwAttributes {
  /** The mark, which is the filter's handle as well. With 0 the filter takes the class of the mark's number. */
  readonly mark: number;
  /** Which bits of the mark count; all filters of one priority have the same. All if left out. */
  readonly mask?: number;
  /** The link that packets have come in by. */
  readonly indev?: string;
}

/** The name of a link. */
export const linkName = (attribute: number): Field<string> => ({
  attribute,
  read: (data) => data.string(),
  check: (property, value) => void checkLinkName(value as string, property),
  write: (writer, type, value) => void writer.string(type, value),
});

const fields = filterOfFields<Omit<FwAttributes, 'mark'>>(
  'fw',
  { indev: linkName(TCA_FW_INDEV), mask: u32(TCA_FW_MASK) },
  { classid: TCA_FW_CLASSID, actions: TCA_FW_ACT },
  { fieldsFirst: true },
);

export const fw: FilterKind<FwAttributes> = {
  ...fields,
  properties: { names: [...fields.properties.names, 'mark'], synonyms: { fwmark: 'mark' } },
  handleOf: ({ mark }) => mark,
  check(filter, protocol) {
    checkInteger('mark', filter.mark, 0, 0xffffffff);
    const { handle } = filter as { readonly handle?: unknown };
    if (filter.mark === undefined && handle === undefined)
      throw new InvalidOptionError('mark', 'a filter of fw needs a `mark`, which is its handle');
    if (filter.mark !== undefined && handle !== undefined && filter.mark !== handle)
      throw new InvalidOptionError('mark', `mark and handle are the same number: ${filter.mark} and ${handle} are not`);
    fields.check?.(filter, protocol);
  },
  read(options, filter, handle, protocol) {
    filter.mark = handle;
    fields.read(options, filter, handle, protocol);
  },
};
