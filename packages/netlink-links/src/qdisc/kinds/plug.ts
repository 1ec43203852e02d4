import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { NamedNumbers } from '../../message/named-numbers.js';
import {
  TC_PLUG_QOPT_SIZE,
  TCQ_PLUG_BUFFER,
  TCQ_PLUG_LIMIT,
  TCQ_PLUG_RELEASE_INDEFINITE,
  TCQ_PLUG_RELEASE_ONE,
} from '../../uapi/pkt-sched.js';
import type { QdiscKind } from './kind.js';

/** Holds packets back until it is told to let them go. The kernel tells neither of its settings. */
export interface PlugAttributes {
  /**
   * Of `qdiscChange`: `'buffer'` holds back what comes from now on, `'release_one'` lets go what came before the last `'buffer'`,
   * and `'release_indefinite'` all, until the next `'buffer'`.
   */
  readonly action?: 'buffer' | 'release_one' | 'release_indefinite';
  /** Bytes that are held back; what is beyond is dropped. Default: the queue length of the link times its MTU. */
  readonly limit?: number;
}

const actions = new NamedNumbers<NonNullable<PlugAttributes['action']>>('action', {
  buffer: TCQ_PLUG_BUFFER,
  release_one: TCQ_PLUG_RELEASE_ONE,
  release_indefinite: TCQ_PLUG_RELEASE_INDEFINITE,
});

export const plug: QdiscKind<PlugAttributes> = {
  kernelName: 'plug',
  properties: propertiesOf<PlugAttributes>({ action: 'set', limit: 'set' }, { block: 'action', release: 'action' }),
  check({ action, limit }) {
    checkInteger('limit', limit, 0, 0xffffffff);
    if (action === undefined) return;
    actions.number(action);
    if (limit !== undefined)
      throw new InvalidOptionError('limit', 'limit and action exclude each other: the kernel takes one at a time');
  },
  write(writer, { action, limit }) {
    if (action === undefined && limit === undefined) return;
    writer.header(TC_PLUG_QOPT_SIZE, (view, at) => {
      view.setInt32(at, action === undefined ? TCQ_PLUG_LIMIT : actions.number(action), LITTLE_ENDIAN);
      view.setUint32(at + 4, limit ?? 0, LITTLE_ENDIAN);
    });
  },
};
