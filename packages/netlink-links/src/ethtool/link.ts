import { InvalidOptionError } from 'netns-core';
import { checkBoolean, checkInteger } from 'netns-core/checks';
import type { AttributeReader } from '../message/attribute-reader.js';
import { checkArray, checkProperties, checkText, mustBe, propertiesOf } from '../message/checks.js';
import type { MessageWriter } from '../message/message-writer.js';
import type { Mutable } from '../message/mutable.js';
import { NamedNumbers } from '../message/named-numbers.js';
import { type KeptUnknown, keepUnknown, readInside, type UnknownAttribute } from '../message/unknown-attribute.js';
import { NetlinkError } from '../operation/errors.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { Operation, Program } from '../operation/operation.js';
import {
  ETHTOOL_A_LINKINFO_PHYADDR,
  ETHTOOL_A_LINKINFO_PORT,
  ETHTOOL_A_LINKINFO_TP_MDIX,
  ETHTOOL_A_LINKINFO_TP_MDIX_CTRL,
  ETHTOOL_A_LINKINFO_TRANSCEIVER,
  ETHTOOL_A_LINKMODES_AUTONEG,
  ETHTOOL_A_LINKMODES_DUPLEX,
  ETHTOOL_A_LINKMODES_LANES,
  ETHTOOL_A_LINKMODES_MASTER_SLAVE_CFG,
  ETHTOOL_A_LINKMODES_MASTER_SLAVE_STATE,
  ETHTOOL_A_LINKMODES_OURS,
  ETHTOOL_A_LINKMODES_PEER,
  ETHTOOL_A_LINKMODES_RATE_MATCHING,
  ETHTOOL_A_LINKMODES_SPEED,
  ETHTOOL_A_LINKSTATE_EXT_DOWN_CNT,
  ETHTOOL_A_LINKSTATE_EXT_STATE,
  ETHTOOL_A_LINKSTATE_EXT_SUBSTATE,
  ETHTOOL_A_LINKSTATE_LINK,
  ETHTOOL_A_LINKSTATE_SQI,
  ETHTOOL_A_LINKSTATE_SQI_MAX,
  ETHTOOL_MSG_LINKINFO_GET,
  ETHTOOL_MSG_LINKMODES_GET,
  ETHTOOL_MSG_LINKMODES_SET,
  ETHTOOL_MSG_LINKSTATE_GET,
} from '../uapi/ethtool-netlink.js';
import { readBitset, setBits, writeBitset } from './bitset.js';
import { askDevice, changeDevice, ethtoolOperation, ethtoolSubject, HEADER } from './request.js';

const PORTS = { tp: 0, aui: 1, mii: 2, fibre: 3, bnc: 4, da: 5, none: 0xef, other: 0xff } as const;
const portNames = new NamedNumbers('port', PORTS);
const DUPLEX = { half: 0, full: 1, unknown: 0xff } as const;
const duplexNames = new NamedNumbers('duplex', DUPLEX);
const MDIX = { unknown: 0, mdi: 1, 'mdi-x': 2, auto: 3 } as const;
const mdixNames = new NamedNumbers('mdix', MDIX);
const TRANSCEIVERS = { internal: 0, external: 1 } as const;
const transceiverNames = new NamedNumbers('transceiver', TRANSCEIVERS);

/** How a device is connected; `ethtool DEVICE`. What the driver does not tell is absent. */
export interface EthtoolLink {
  /** Whether there is a signal. */
  readonly linkDetected?: boolean;
  /** The kind of plug. */
  readonly port?: keyof typeof PORTS | number;
  /** Bits per second; absent where it is not known. */
  readonly speed?: number;
  readonly duplex?: keyof typeof DUPLEX | number;
  /** Whether speed and duplex are negotiated with the other end. */
  readonly autoNegotiation?: boolean;
  readonly lanes?: number;
  /** By the kernel's names: `'1000baseT/Full'`. */
  readonly linkModes?: {
    /** What the device can do. */
    readonly supported: readonly string[];
    /** What it offers to the other end. */
    readonly advertised: readonly string[];
    /** What the other end offers. */
    readonly peer: readonly string[];
  };
  /** How pairs of wires are crossed. */
  readonly mdix?: keyof typeof MDIX | number;
  readonly phyAddress?: number;
  readonly transceiver?: keyof typeof TRANSCEIVERS | number;
  /** How good the signal is, and the best that it can be. */
  readonly signalQuality?: number;
  readonly signalQualityMax?: number;
  /** Why there is no link: `ETHTOOL_LINK_EXT_STATE_…` of `<linux/ethtool.h>`, and more exactly. */
  readonly extendedState?: number;
  readonly extendedSubstate?: number;
  /** Attributes that this package does not know, and the message of the kernel's that each was in. */
  readonly unknown?: readonly EthtoolLinkUnknown[] | undefined;
}

/** An attribute of `ETHTOOL_MSG_LINKINFO_GET`, `…_LINKMODES_GET` or `…_LINKSTATE_GET`, whose numbers are their own. */
export interface EthtoolLinkUnknown extends UnknownAttribute {
  readonly of: 'info' | 'modes' | 'state';
}

/** What can be said of how a device is connected. What is left out stays as it is. */
export interface EthtoolLinkSettings {
  readonly autoNegotiation?: boolean | undefined;
  /** Bits per second, whole megabits. */
  readonly speed?: number | undefined;
  readonly duplex?: 'half' | 'full' | undefined;
  readonly lanes?: number | undefined;
  /** The link modes to offer to the other end, by the kernel's names, and no others. */
  readonly advertise?: readonly string[] | undefined;
}

const PROPERTIES = propertiesOf<EthtoolLinkSettings>(
  { autoNegotiation: 'set', speed: 'set', duplex: 'set', lanes: 'set', advertise: 'set' },
  { autoneg: 'autoNegotiation', advertised: 'advertise' },
);

const MEGABIT = 1_000_000;
const UNKNOWN_SPEED = 0xffffffff;

/** A connection that is being read. */
export type Told = Mutable<EthtoolLink>;

/** Keeps what a message told and is not known here. */
function keep({ unknown = [] }: KeptUnknown, of: EthtoolLinkUnknown['of'], link: Told): void {
  if (unknown.length > 0) link.unknown = [...(link.unknown ?? []), ...unknown.map((each) => ({ ...each, of }))];
}

/** Reads how the device is connected. */
export function readInfo(attributes: AttributeReader, link: Told): void {
  const kept: KeptUnknown = {};
  while (attributes.next())
    switch (attributes.type) {
      case ETHTOOL_A_LINKINFO_PORT:
        link.port = portNames.name(attributes.u8());
        break;
      case ETHTOOL_A_LINKINFO_PHYADDR:
        link.phyAddress = attributes.u8();
        break;
      case ETHTOOL_A_LINKINFO_TP_MDIX:
        link.mdix = mdixNames.name(attributes.u8());
        break;
      case ETHTOOL_A_LINKINFO_TRANSCEIVER:
        link.transceiver = transceiverNames.name(attributes.u8());
        break;
      case HEADER:
      case ETHTOOL_A_LINKINFO_TP_MDIX_CTRL:
        break;
      default:
        keepUnknown(attributes, kept);
    }
  keep(kept, 'info', link);
}

/** Reads speed and link modes. @param names of the modes, for notifications */
export function readModes(attributes: AttributeReader, link: Told, names: readonly string[] = []): void {
  let [supported, advertised, peer]: string[][] = [[], [], []];
  const kept: KeptUnknown = {};
  while (attributes.next())
    switch (attributes.type) {
      case ETHTOOL_A_LINKMODES_AUTONEG:
        link.autoNegotiation = attributes.u8() !== 0;
        break;
      case ETHTOOL_A_LINKMODES_OURS:
        readInside(attributes, kept, (set, notKnown) => {
          // The mask is what the device can do, the value what it offers.
          const ours = readBitset(set, names, notKnown);
          supported = [...ours.keys()];
          advertised = setBits(ours);
        });
        break;
      case ETHTOOL_A_LINKMODES_PEER:
        readInside(attributes, kept, (set, notKnown) => {
          peer = setBits(readBitset(set, names, notKnown));
        });
        break;
      case ETHTOOL_A_LINKMODES_SPEED: {
        const megabits = attributes.u32();
        if (megabits !== UNKNOWN_SPEED) link.speed = megabits * MEGABIT;
        break;
      }
      case ETHTOOL_A_LINKMODES_DUPLEX:
        link.duplex = duplexNames.name(attributes.u8());
        break;
      case ETHTOOL_A_LINKMODES_LANES:
        link.lanes = attributes.u32();
        break;
      case HEADER:
      case ETHTOOL_A_LINKMODES_MASTER_SLAVE_CFG:
      case ETHTOOL_A_LINKMODES_MASTER_SLAVE_STATE:
      case ETHTOOL_A_LINKMODES_RATE_MATCHING:
        break;
      default:
        keepUnknown(attributes, kept);
    }
  keep(kept, 'modes', link);
  link.linkModes = { supported: supported ?? [], advertised: advertised ?? [], peer: peer ?? [] };
}

export function readState(attributes: AttributeReader, link: Told): void {
  const kept: KeptUnknown = {};
  while (attributes.next())
    switch (attributes.type) {
      case ETHTOOL_A_LINKSTATE_LINK:
        link.linkDetected = attributes.u8() !== 0;
        break;
      case ETHTOOL_A_LINKSTATE_SQI:
        link.signalQuality = attributes.u32();
        break;
      case ETHTOOL_A_LINKSTATE_SQI_MAX:
        link.signalQualityMax = attributes.u32();
        break;
      case ETHTOOL_A_LINKSTATE_EXT_STATE:
        link.extendedState = attributes.u8();
        break;
      case ETHTOOL_A_LINKSTATE_EXT_SUBSTATE:
        link.extendedSubstate = attributes.u8();
        break;
      case HEADER:
      case ETHTOOL_A_LINKSTATE_EXT_DOWN_CNT:
        break;
      default:
        keepUnknown(attributes, kept);
    }
  keep(kept, 'state', link);
}

/**
 * Reads how a device is connected: its speed, what it offers, whether there is a signal.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function ethtoolLinkGet(link: LinkReference): Operation<EthtoolLink> {
  const subject = ethtoolSubject('ethtoolLinkGet', 'read the connection of', link);
  return ethtoolOperation(subject, function* (family) {
    const told: Told = {};
    const parts = [
      [ETHTOOL_MSG_LINKINFO_GET, readInfo],
      [ETHTOOL_MSG_LINKMODES_GET, readModes],
      [ETHTOOL_MSG_LINKSTATE_GET, readState],
    ] as const;
    for (const [command, read] of parts)
      yield* whereSupported(askDevice(family, command, subject.reference, (attributes) => read(attributes, told)));
    return told;
  });
}

/** Asks for what a driver may lack; then it is not told. */
function* whereSupported(program: Program<void>): Program<void> {
  try {
    yield* program;
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'EOPNOTSUPP') throw error;
  }
}

/** Refuses what cannot be. @throws InvalidOptionError */
function checkLinkSettings(settings: EthtoolLinkSettings): void {
  checkProperties(settings, 'ethtoolLinkSet', PROPERTIES);
  const { autoNegotiation, speed, duplex, lanes, advertise } = settings;
  checkBoolean('autoNegotiation', autoNegotiation);
  checkInteger('speed', speed, 0, UNKNOWN_SPEED * MEGABIT);
  if (speed !== undefined && speed % MEGABIT !== 0) throw mustBe('speed', 'whole megabits, in bits per second', speed);
  if (duplex !== undefined && duplex !== 'half' && duplex !== 'full')
    throw mustBe('duplex', "'half' or 'full'", duplex);
  checkInteger('lanes', lanes, 1, 0xffffffff);
  checkArray('advertise', advertise, 'link modes');
  for (const [index, mode] of (advertise ?? []).entries()) checkText(`advertise[${index}]`, mode);
  if (Object.values(settings).every((value) => value === undefined))
    throw new InvalidOptionError('settings', `ethtoolLinkSet needs at least one of ${PROPERTIES.names.join(', ')}`);
}

/** Writes what a change says, in the order in which `ethtool` writes it. */
export function writeLinkSettings(
  writer: MessageWriter,
  { autoNegotiation, speed, duplex, lanes, advertise }: EthtoolLinkSettings,
): void {
  if (speed !== undefined) writer.u32(ETHTOOL_A_LINKMODES_SPEED, speed / MEGABIT);
  if (duplex !== undefined) writer.u8(ETHTOOL_A_LINKMODES_DUPLEX, DUPLEX[duplex]);
  if (autoNegotiation !== undefined) writer.u8(ETHTOOL_A_LINKMODES_AUTONEG, autoNegotiation ? 1 : 0);
  if (lanes !== undefined) writer.u32(ETHTOOL_A_LINKMODES_LANES, lanes);
  if (advertise !== undefined)
    writeBitset(writer, ETHTOOL_A_LINKMODES_OURS, new Map(advertise.map((mode) => [mode, true])), true);
}

/**
 * Sets speed, duplex and what is offered to the other end; what is left out stays as it is.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver cannot set it
 */
export function ethtoolLinkSet(link: LinkReference, settings: EthtoolLinkSettings): Operation<void> {
  const subject = ethtoolSubject('ethtoolLinkSet', 'set the connection of', link);
  checkLinkSettings(settings);
  return ethtoolOperation(subject, (family) =>
    changeDevice(family, ETHTOOL_MSG_LINKMODES_SET, subject.reference, (writer) => writeLinkSettings(writer, settings)),
  );
}
