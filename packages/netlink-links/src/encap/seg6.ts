import { mustBe, propertiesOf } from '../message/checks.js';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import { NamedNumbers } from '../message/named-numbers.js';
import { keepUnknown, type WithUnknown } from '../message/unknown-attribute.js';
import {
  SEG6_IPTUN_MODE_ENCAP,
  SEG6_IPTUN_MODE_ENCAP_RED,
  SEG6_IPTUN_MODE_INLINE,
  SEG6_IPTUN_MODE_L2ENCAP,
  SEG6_IPTUN_MODE_L2ENCAP_RED,
  SEG6_IPTUNNEL_ENCAP_SIZE,
  SEG6_IPTUNNEL_SRH,
} from '../uapi/seg6.js';
import { encapOfFields } from './kind.js';
import { checkSegments, readSegmentHeader, segmentHeader } from './segments.js';

/** A way along segments (RFC 8754): SRv6. */
export interface Seg6Encap {
  readonly type: 'seg6';
  /**
   * Whether the segments go into the packet (`'inline'`, IPv6 only) or around it; `…red` leaves out the first of them
   * (Linux 6.0).
   */
  readonly mode: Seg6Mode;
  /** IPv6 addresses in the order of travel. */
  readonly segments: readonly string[];
  /** Id of the key by which the header is signed. */
  readonly hmac?: number | undefined;
}

export type Seg6Mode = 'inline' | 'encap' | 'l2encap' | 'encap.red' | 'l2encap.red';

const modes = new NamedNumbers<Seg6Mode>('mode', {
  inline: SEG6_IPTUN_MODE_INLINE,
  encap: SEG6_IPTUN_MODE_ENCAP,
  l2encap: SEG6_IPTUN_MODE_L2ENCAP,
  'encap.red': SEG6_IPTUN_MODE_ENCAP_RED,
  'l2encap.red': SEG6_IPTUN_MODE_L2ENCAP_RED,
});

/** `<linux/seg6_iptunnel.h>` */
export const seg6 = encapOfFields<Omit<Seg6Encap, 'type'> & WithUnknown>(
  propertiesOf<Seg6Encap>({ type: 'set', mode: 'set', segments: 'set', hmac: 'set' }, { segs: 'segments' }),
  {},
  {
    spreads: [
      {
        properties: ['mode', 'segments', 'hmac'],
        attributes: [SEG6_IPTUNNEL_SRH],
        read(data, into) {
          const mode = modes.name(data.u32());
          const header = data.bytes.u8.subarray(data.start + SEG6_IPTUNNEL_ENCAP_SIZE, data.end);
          const read = readSegmentHeader(header, mode === 'inline');
          if (read === undefined || typeof mode === 'number') keepUnknown(data, into);
          else Object.assign(into, { mode, ...read });
        },
        check() {},
        write(writer, { mode = 'encap', segments = [], hmac }) {
          const header = segmentHeader({ segments, hmac }, mode === 'inline');
          const bytes = new Uint8Array(SEG6_IPTUNNEL_ENCAP_SIZE + header.length);
          new DataView(bytes.buffer).setInt32(0, modes.number(mode), LITTLE_ENDIAN);
          bytes.set(header, SEG6_IPTUNNEL_ENCAP_SIZE);
          writer.bytes(SEG6_IPTUNNEL_SRH, bytes);
        },
      },
    ],
    also({ mode, segments, hmac }, property) {
      if (typeof mode !== 'string') throw mustBe(`${property}.mode`, "a string: 'encap', 'inline', …", mode);
      modes.number(mode, `${property}.mode`);
      checkSegments(property, segments, hmac);
    },
  },
);
