import { InvalidOptionError } from 'netns-core';
import { checkBoolean } from 'netns-core/checks';
import { BpfDescriptors, type BpfProgram, checkBpfProgram } from '../bpf/program.js';
import { checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { MessageWriter } from '../message/message-writer.js';
import { NetlinkError } from '../operation/errors.js';
import {
  checkLinkReference,
  describeLink,
  type LinkReference,
  writeLinkHeader,
  writeLookupName,
} from '../operation/link-reference.js';
import { ask, Operation } from '../operation/operation.js';
import { acknowledged } from '../operation/request.js';
import {
  IFLA_XDP,
  IFLA_XDP_EXPECTED_FD,
  IFLA_XDP_FD,
  IFLA_XDP_FLAGS,
  XDP_FLAGS_DRV_MODE,
  XDP_FLAGS_HW_MODE,
  XDP_FLAGS_REPLACE,
  XDP_FLAGS_SKB_MODE,
  XDP_FLAGS_UPDATE_IF_NOEXIST,
} from '../uapi/if-link.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { RTM_NEWLINK } from '../uapi/rtnetlink.js';
import { linkRequest } from './get.js';

/** Where an XDP program runs: in the kernel's own code, in the driver, or in the hardware. */
export type XdpMode = 'generic' | 'native' | 'offload';

/** What is to be done with the XDP program of a link. */
export interface XdpSettings {
  /** The program to attach; `null` takes the one away that is there. */
  readonly program: BpfProgram | null;
  /**
   * Where it is to run. If left out the kernel chooses: in the driver, where that can, else in the kernel's own code; a
   * program is taken away from where it is.
   */
  readonly mode?: XdpMode | 'auto' | undefined;
  /** The program that must be attached now: with another one, nothing is changed. Linux 5.7 and later. */
  readonly replaces?: BpfProgram | undefined;
  /** Fail where a program is attached already, instead of replacing it. */
  readonly onlyIfNone?: boolean | undefined;
}

const PROPERTIES = propertiesOf<XdpSettings>(
  { program: 'set', mode: 'set', replaces: 'set', onlyIfNone: 'set' },
  { fd: 'program', prog: 'program', object: 'program' },
);

const MODE_FLAGS = {
  generic: XDP_FLAGS_SKB_MODE,
  native: XDP_FLAGS_DRV_MODE,
  offload: XDP_FLAGS_HW_MODE,
} as const;

/** What the kernel takes for no program. */
const NO_PROGRAM = -1;

function checkXdp(settings: XdpSettings): void {
  checkProperties(settings, 'linkSetXdp', PROPERTIES);
  const { program, mode, replaces, onlyIfNone } = settings;
  if (program === undefined) throw mustBe('program', 'a BPF program, or null to take it away', program);
  if (program !== null) checkBpfProgram('program', program);
  checkBpfProgram('replaces', replaces);
  checkBoolean('onlyIfNone', onlyIfNone);
  if (mode !== undefined && mode !== 'auto' && !(typeof mode === 'string' && Object.hasOwn(MODE_FLAGS, mode)))
    throw mustBe('mode', "one of 'auto', 'generic', 'native', 'offload'", mode);
  if (onlyIfNone === true && (program === null || replaces !== undefined))
    throw new InvalidOptionError(
      'onlyIfNone',
      `onlyIfNone attaches a program where there is none: it cannot be given beside ${program === null ? 'program: null' : '`replaces`'}`,
    );
}

/**
 * Attaches an XDP program to a link, which then sees every packet that arrives before all else does, or takes it away.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs and the program cannot be opened, or the kernel refuses it
 */
export function linkSetXdp(link: LinkReference, settings: XdpSettings): Operation<void> {
  const reference = checkLinkReference(link);
  checkXdp(settings);
  const { program, mode = 'auto', replaces, onlyIfNone } = settings;
  const target = describeLink(link);
  const verb = program === null ? 'take away the XDP program of' : 'attach an XDP program to';
  const identity = { name: 'linkSetXdp', description: `${verb} link ${target}`, target, link: reference };
  return new Operation(identity, function* () {
    let flags = mode === 'auto' ? 0 : MODE_FLAGS[mode];
    if (program === null && mode === 'auto') {
      const { xdp } = yield* ask(linkRequest(reference));
      const found = xdp?.mode;
      if (found === 'multi')
        throw NetlinkError.failed(
          identity,
          'ERR_XDP_MODE',
          'it has programs in several places: say by `mode` which one is meant',
        );
      if (found !== undefined && typeof found === 'string' && found !== 'none') flags = MODE_FLAGS[found];
    }
    if (onlyIfNone === true) flags |= XDP_FLAGS_UPDATE_IF_NOEXIST;
    if (replaces !== undefined) flags |= XDP_FLAGS_REPLACE;
    // Open until the kernel has answered.
    using descriptors = new BpfDescriptors(identity);
    const fd = program === null ? NO_PROGRAM : descriptors.of(program);
    const expected = replaces === undefined ? undefined : descriptors.of(replaces);
    const writer = new MessageWriter(RTM_NEWLINK, NLM_F_ACK);
    writeLinkHeader(writer, typeof reference === 'number' ? reference : 0);
    if (typeof reference === 'string') writeLookupName(writer, reference);
    writer.nest(IFLA_XDP, (xdp) => {
      xdp.i32(IFLA_XDP_FD, fd);
      if (flags !== 0) xdp.u32(IFLA_XDP_FLAGS, flags);
      if (expected !== undefined) xdp.i32(IFLA_XDP_EXPECTED_FD, expected);
    });
    yield* ask(acknowledged(writer.finish()));
  });
}
