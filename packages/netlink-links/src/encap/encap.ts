import { InvalidOptionError } from 'netns-core';
import { BpfDescriptors } from '../bpf/program.js';
import { AttributeReader } from '../message/attribute-reader.js';
import { checkBytes, checkProperties, propertiesOf } from '../message/checks.js';
import type { Reading } from '../message/fields.js';
import { withJson } from '../message/json.js';
import { MessageBytes } from '../message/message-bytes.js';
import { MessageWriter } from '../message/message-writer.js';
import { Operation } from '../operation/operation.js';
import { NLMSG_HDRLEN } from '../uapi/netlink.js';
import { type BpfEncap, bpf, programsOf, writeBpfEncap } from './bpf.js';
import { type RouteEncapType, routeEncapTypes } from './encap-type.js';
import { type IpEncap, ip, ip6 } from './ip.js';
import type { EncapKind } from './kind.js';
import { type MplsEncap, mpls } from './mpls.js';
import { type Seg6Encap, seg6 } from './seg6.js';
import { type Seg6LocalEncap, seg6local } from './seg6local.js';
import { type XfrmEncap, xfrm } from './xfrm.js';

/**
 * How packets on a route are wrapped; ip-route(8). Of types that this package has no properties for, or where the kernel
 * says more than these can, it is opaque.
 */
export type RouteEncap = BpfEncap | IpEncap | MplsEncap | Seg6Encap | Seg6LocalEncap | XfrmEncap | OpaqueEncap;

/** An encapsulation of any type: `data` are the attributes that the kernel has for it. */
export interface OpaqueEncap {
  readonly type: RouteEncapType | number;
  readonly data: Uint8Array;
}

const OPAQUE_PROPERTIES = propertiesOf<OpaqueEncap>({ type: 'set', data: 'set' });

const KINDS: Readonly<Partial<Record<string, EncapKind>>> = { bpf, ip, ip6, mpls, seg6, seg6local, xfrm };

/** The modules of the kernel that types are in. */
const MODULES: Readonly<Partial<Record<string, string>>> = {
  mpls: 'mpls_iptunnel',
  ila: 'ila',
  xfrm: 'xfrm_interface',
};

/** An encapsulation whose values were checked, as the kernel has it. */
export interface CheckedEncap {
  readonly type: number;
  readonly data: Uint8Array;
  /** The attributes where programs of it have to be opened first: `data` is empty then. */
  readonly opened?: ((descriptors: BpfDescriptors) => Uint8Array) | undefined;
  /** The module of the kernel that has to be there. */
  readonly module: string | undefined;
}

/**
 * Checks an encapsulation; `undefined` passes.
 *
 * @param property that has it, for the error: `'nexthops[0].encap'`
 * @param removing a BPF program matches any then, since the kernel does not tell it
 * @throws InvalidOptionError
 */
export function checkEncap(
  encap: RouteEncap | undefined,
  property: string,
  removing = false,
): CheckedEncap | undefined {
  if (encap === undefined) return undefined;
  if (typeof encap !== 'object' || encap === null || 'data' in encap)
    checkProperties(encap, property, OPAQUE_PROPERTIES);
  const type = routeEncapTypes.number(encap.type, `${property}.type`);
  const name = String(routeEncapTypes.name(type));
  const module = MODULES[name];
  const kind = KINDS[name];
  if ('data' in encap || kind === undefined) return { type, data: opaque(encap, property), module };
  kind.check(encap, property);
  if (kind === bpf) return removing ? undefined : withPrograms(type, encap as BpfEncap, property);
  return { type, data: attributesOf((writer) => kind.write(writer, encap)), module };
}

/** An encapsulation that names programs, which are known here as far as they are file descriptors. */
function withPrograms(type: number, encap: BpfEncap, property: string): CheckedEncap {
  const known = programsOf(encap, property).every((program) => typeof program === 'number');
  const encode = (descriptors?: BpfDescriptors): Uint8Array =>
    attributesOf((writer) =>
      writeBpfEncap(writer, encap, (program) =>
        typeof program === 'number' ? program : (descriptors?.of(program) ?? -1),
      ),
    );
  return known
    ? { type, data: encode(), module: undefined }
    : { type, data: new Uint8Array(), module: undefined, opened: encode };
}

function attributesOf(fill: (writer: MessageWriter) => void): Uint8Array {
  const writer = new MessageWriter(0, 0);
  fill(writer);
  return writer.finish().subarray(NLMSG_HDRLEN);
}

/**
 * Makes the operation for an object with encapsulations: programs that these name by an id or a path are opened when it runs,
 * and held open until the kernel has answered.
 *
 * @param encaps of the object
 * @param make makes the operation; each encapsulation is to be what `opened` makes of it, where that is given
 */
export function openingPrograms<T>(
  encaps: readonly (CheckedEncap | undefined)[],
  make: (opened?: Opened) => Operation<T>,
): Operation<T> {
  const operation = make();
  if (encaps.every((encap) => encap?.opened === undefined)) return operation;
  return new Operation<T>(operation, function* () {
    using descriptors = new BpfDescriptors(operation);
    return yield* make((encap) =>
      encap?.opened === undefined ? encap : { ...encap, data: encap.opened(descriptors), opened: undefined },
    ).start();
  });
}

/** An encapsulation whose programs are open. */
export type Opened = (encap: CheckedEncap | undefined) => CheckedEncap | undefined;

function opaque(encap: object, property: string): Uint8Array {
  const { data } = encap as Partial<OpaqueEncap>;
  checkProperties(encap, property, OPAQUE_PROPERTIES);
  if (data === undefined) throw new InvalidOptionError(`${property}.data`, `${property}.data is missing: a Uint8Array`);
  checkBytes(`${property}.data`, data);
  return data;
}

/** Writes the two attributes that an encapsulation has. */
export function writeEncap(
  message: MessageWriter,
  encap: CheckedEncap,
  attributes: { readonly type: number; readonly data: number },
): void {
  message.u16(attributes.type, encap.type);
  message.nest(attributes.data, (nested) => nested.raw(encap.data), true);
}

/** What two attributes say. */
export function readEncap(number: number | undefined, data: Uint8Array | undefined): RouteEncap | undefined {
  if (number === undefined || data === undefined) return undefined;
  const type = routeEncapTypes.name(number);
  const kind = KINDS[type];
  if (kind === undefined) return { type, data };
  const bytes = MessageBytes.from(data);
  const read: Reading<object> & { type: unknown } = { type };
  kind.read(new AttributeReader(bytes, 0, data.length), read);
  // Only what can be written again in full.
  if (bytes.error !== undefined || read.unknown !== undefined || !isComplete(read, kind)) return { type, data };
  return withJson(read) as RouteEncap;
}

function isComplete(read: object, kind: EncapKind): boolean {
  try {
    kind.check(read, 'encap');
    return true;
  } catch {
    return false;
  }
}
