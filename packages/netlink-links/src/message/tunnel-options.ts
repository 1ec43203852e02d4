import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import {
  TCA_TUNNEL_KEY_ENC_OPT_ERSPAN_DIR,
  TCA_TUNNEL_KEY_ENC_OPT_ERSPAN_HWID,
  TCA_TUNNEL_KEY_ENC_OPT_ERSPAN_INDEX,
  TCA_TUNNEL_KEY_ENC_OPT_ERSPAN_VER,
  TCA_TUNNEL_KEY_ENC_OPT_GENEVE_CLASS,
  TCA_TUNNEL_KEY_ENC_OPT_GENEVE_DATA,
  TCA_TUNNEL_KEY_ENC_OPT_GENEVE_TYPE,
  TCA_TUNNEL_KEY_ENC_OPT_VXLAN_GBP,
  TCA_TUNNEL_KEY_ENC_OPTS_ERSPAN,
  TCA_TUNNEL_KEY_ENC_OPTS_GENEVE,
  TCA_TUNNEL_KEY_ENC_OPTS_VXLAN,
  VXLAN_GBP_MASK,
} from '../uapi/tc-act.js';
import type { AttributeReader } from './attribute-reader.js';
import { checkArray, checkBytes, checkProperties, mustBe, propertiesOf } from './checks.js';
import type { MessageWriter } from './message-writer.js';
import type { Mutable } from './mutable.js';

/** An option in the header of GENEVE. */
export interface GeneveOption {
  readonly class: number;
  readonly type: number;
  /** 4 to 124 bytes, a multiple of four. */
  readonly data: Uint8Array;
}

/** What the header of ERSPAN has: version 1 an `index`, version 2 a `direction` and a `hardwareId`. */
export interface ErspanOptions {
  readonly version: number;
  readonly index?: number | undefined;
  readonly direction?: number | undefined;
  readonly hardwareId?: number | undefined;
}

/** What the header of a tunnel has besides: of one protocol. */
export interface TunnelOptions {
  readonly geneve?: readonly GeneveOption[] | undefined;
  /** The group policy of VXLAN (GBP): 16 bits, and the flags 0x80000 (applied) and 0x400000 (do not learn). */
  readonly vxlan?: { readonly groupPolicy: number } | undefined;
  readonly erspan?: ErspanOptions | undefined;
}

const PROPERTIES = propertiesOf<TunnelOptions>({ geneve: 'set', vxlan: 'set', erspan: 'set' });
const GENEVE = propertiesOf<GeneveOption>({ class: 'set', type: 'set', data: 'set' });
const VXLAN = propertiesOf<NonNullable<TunnelOptions['vxlan']>>({ groupPolicy: 'set' }, { gbp: 'groupPolicy' });
const ERSPAN = propertiesOf<ErspanOptions>(
  { version: 'set', index: 'set', direction: 'set', hardwareId: 'set' },
  { ver: 'version', dir: 'direction', hwid: 'hardwareId' },
);
const MAX_GENEVE_DATA = 124;

function needs(property: string, of: object, names: readonly string[]): void {
  for (const name of names)
    if ((of as Record<string, unknown>)[name] === undefined)
      throw new InvalidOptionError(`${property}.${name}`, `${property} needs \`${name}\``);
}

function checkGeneve(property: string, options: unknown): void {
  checkArray(property, options, 'options');
  for (const [at, option] of (options as readonly GeneveOption[]).entries()) {
    const name = `${property}[${at}]`;
    checkProperties(option, name, GENEVE);
    needs(name, option, ['class', 'type', 'data']);
    checkInteger(`${name}.class`, option.class, 0, 0xffff);
    checkInteger(`${name}.type`, option.type, 0, 0xff);
    checkBytes(`${name}.data`, option.data);
    const { length } = option.data;
    if (length < 4 || length > MAX_GENEVE_DATA || length % 4 !== 0)
      throw mustBe(`${name}.data`, `of 4 to ${MAX_GENEVE_DATA} bytes, a multiple of four`, length);
  }
}

/** Checks the options of a tunnel. @throws InvalidOptionError */
export function checkTunnelOptions(property: string, options: unknown): void {
  checkProperties(options, property, PROPERTIES);
  const { geneve, vxlan, erspan } = options as TunnelOptions;
  if ([geneve, vxlan, erspan].filter((each) => each !== undefined).length !== 1)
    throw new InvalidOptionError(property, `${property} must have one of geneve, vxlan and erspan`);
  if (geneve !== undefined) checkGeneve(`${property}.geneve`, geneve);
  if (vxlan !== undefined) {
    checkProperties(vxlan, `${property}.vxlan`, VXLAN);
    needs(`${property}.vxlan`, vxlan, ['groupPolicy']);
    checkInteger(`${property}.vxlan.groupPolicy`, vxlan.groupPolicy, 0, VXLAN_GBP_MASK);
    // The kernel cuts off the others.
    if ((vxlan.groupPolicy & ~VXLAN_GBP_MASK) !== 0)
      throw mustBe(
        `${property}.vxlan.groupPolicy`,
        'a number of 16 bits, with the flags 0x80000 and 0x400000',
        vxlan.groupPolicy,
      );
  }
  if (erspan === undefined) return;
  checkProperties(erspan, `${property}.erspan`, ERSPAN);
  needs(`${property}.erspan`, erspan, ['version']);
  checkInteger(`${property}.erspan.version`, erspan.version, 0, 0xff);
  checkInteger(`${property}.erspan.index`, erspan.index, 0, 0xffffffff);
  checkInteger(`${property}.erspan.direction`, erspan.direction, 0, 0xff);
  checkInteger(`${property}.erspan.hardwareId`, erspan.hardwareId, 0, 0xff);
}

/**
 * Writes options that have been checked. The kernel wants those of VXLAN and ERSPAN marked as attributes that hold attributes;
 * of GENEVE, which is older, it takes both, and tc leaves out the mark.
 */
export function writeTunnelOptions(
  writer: MessageWriter,
  attribute: number,
  { geneve, vxlan, erspan }: TunnelOptions,
): void {
  writer.nest(
    attribute,
    (list) => {
      for (const option of geneve ?? [])
        list.nest(
          TCA_TUNNEL_KEY_ENC_OPTS_GENEVE,
          (inner) =>
            void inner
              .u16be(TCA_TUNNEL_KEY_ENC_OPT_GENEVE_CLASS, option.class)
              .u8(TCA_TUNNEL_KEY_ENC_OPT_GENEVE_TYPE, option.type)
              .bytes(TCA_TUNNEL_KEY_ENC_OPT_GENEVE_DATA, option.data),
        );
      if (vxlan !== undefined)
        list.nest(
          TCA_TUNNEL_KEY_ENC_OPTS_VXLAN,
          (inner) => void inner.u32(TCA_TUNNEL_KEY_ENC_OPT_VXLAN_GBP, vxlan.groupPolicy),
          true,
        );
      if (erspan !== undefined)
        list.nest(
          TCA_TUNNEL_KEY_ENC_OPTS_ERSPAN,
          (inner) => {
            inner.u8(TCA_TUNNEL_KEY_ENC_OPT_ERSPAN_VER, erspan.version);
            if (erspan.index !== undefined) inner.u32be(TCA_TUNNEL_KEY_ENC_OPT_ERSPAN_INDEX, erspan.index);
            if (erspan.direction !== undefined) inner.u8(TCA_TUNNEL_KEY_ENC_OPT_ERSPAN_DIR, erspan.direction);
            if (erspan.hardwareId !== undefined) inner.u8(TCA_TUNNEL_KEY_ENC_OPT_ERSPAN_HWID, erspan.hardwareId);
          },
          true,
        );
    },
    geneve === undefined,
  );
}

function readGeneve(attributes: AttributeReader): GeneveOption[] | undefined {
  const options: GeneveOption[] = [];
  let option = { class: 0, type: 0 };
  while (attributes.next())
    switch (attributes.type) {
      case TCA_TUNNEL_KEY_ENC_OPT_GENEVE_CLASS:
        option.class = attributes.u16be();
        break;
      case TCA_TUNNEL_KEY_ENC_OPT_GENEVE_TYPE:
        option.type = attributes.u8();
        break;
      // The last one of an option.
      case TCA_TUNNEL_KEY_ENC_OPT_GENEVE_DATA:
        options.push({ ...option, data: attributes.copy() });
        option = { class: 0, type: 0 };
        break;
      default:
        return undefined;
    }
  return options;
}

function readErspan(attributes: AttributeReader): ErspanOptions | undefined {
  const erspan: Mutable<ErspanOptions> = { version: 0 };
  while (attributes.next())
    switch (attributes.type) {
      case TCA_TUNNEL_KEY_ENC_OPT_ERSPAN_VER:
        erspan.version = attributes.u8();
        break;
      case TCA_TUNNEL_KEY_ENC_OPT_ERSPAN_INDEX:
        erspan.index = attributes.u32be();
        break;
      case TCA_TUNNEL_KEY_ENC_OPT_ERSPAN_DIR:
        erspan.direction = attributes.u8();
        break;
      case TCA_TUNNEL_KEY_ENC_OPT_ERSPAN_HWID:
        erspan.hardwareId = attributes.u8();
        break;
      default:
        return undefined;
    }
  return erspan;
}

/** Reads options; `undefined` for those of a protocol, or with an attribute, that is not known here. */
export function readTunnelOptions(attributes: AttributeReader): TunnelOptions | undefined {
  let geneve: GeneveOption[] | undefined;
  let found: TunnelOptions | undefined;
  while (attributes.next())
    switch (attributes.type) {
      case TCA_TUNNEL_KEY_ENC_OPTS_GENEVE: {
        const read = readGeneve(attributes.nested());
        if (read === undefined) return undefined;
        geneve = [...(geneve ?? []), ...read];
        break;
      }
      case TCA_TUNNEL_KEY_ENC_OPTS_VXLAN: {
        const inner = attributes.nested();
        while (inner.next())
          if (inner.type === TCA_TUNNEL_KEY_ENC_OPT_VXLAN_GBP) found = { vxlan: { groupPolicy: inner.u32() } };
          else return undefined;
        break;
      }
      case TCA_TUNNEL_KEY_ENC_OPTS_ERSPAN: {
        const erspan = readErspan(attributes.nested());
        if (erspan === undefined) return undefined;
        found = { erspan };
        break;
      }
      default:
        return undefined;
    }
  return geneve === undefined ? found : { geneve };
}
