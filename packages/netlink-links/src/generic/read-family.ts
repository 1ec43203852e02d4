import { AttributeReader } from '../message/attribute-reader.js';
import { flagNames } from '../message/flag-names.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { Mutable } from '../message/mutable.js';
import { type KeptUnknown, keepUnknown } from '../message/unknown-attribute.js';
import {
  CTRL_ATTR_FAMILY_ID,
  CTRL_ATTR_FAMILY_NAME,
  CTRL_ATTR_HDRSIZE,
  CTRL_ATTR_MAXATTR,
  CTRL_ATTR_MCAST_GROUPS,
  CTRL_ATTR_MCAST_GRP_ID,
  CTRL_ATTR_MCAST_GRP_NAME,
  CTRL_ATTR_OP,
  CTRL_ATTR_OP_FLAGS,
  CTRL_ATTR_OP_ID,
  CTRL_ATTR_OP_POLICY,
  CTRL_ATTR_OPS,
  CTRL_ATTR_POLICY,
  CTRL_ATTR_VERSION,
  GENL_HDRLEN,
} from '../uapi/genetlink.js';
import type { GenericFamily, GenericOperation } from './family.js';

/** `GENL_ADMIN_PERM` and what follows it, from the lowest bit on. */
const flagsOf = flagNames(['admin-perm', 'do', 'dump', 'policy', 'uns-admin-perm']);

/** Reads the controller's message about a family. */
export function readFamily(bytes: MessageBytes, start: number, end: number): GenericFamily {
  const family: Mutable<GenericFamily> = {
    id: 0,
    name: '',
    version: 0,
    headerSize: 0,
    maxAttribute: 0,
    operations: [],
    groups: [],
  };
  const attributes = new AttributeReader(bytes, start + GENL_HDRLEN, end);
  while (attributes.next())
    switch (attributes.type) {
      case CTRL_ATTR_FAMILY_ID:
        family.id = attributes.u16();
        break;
      case CTRL_ATTR_FAMILY_NAME:
        family.name = attributes.string();
        break;
      case CTRL_ATTR_VERSION:
        family.version = attributes.u32();
        break;
      case CTRL_ATTR_HDRSIZE:
        family.headerSize = attributes.u32();
        break;
      case CTRL_ATTR_MAXATTR:
        family.maxAttribute = attributes.u32();
        break;
      case CTRL_ATTR_OPS:
        family.operations = elements(attributes, readOperation);
        break;
      case CTRL_ATTR_MCAST_GROUPS:
        family.groups = elements(attributes, readGroup);
        break;
      // What attributes the family takes has requests of its own.
      case CTRL_ATTR_POLICY:
      case CTRL_ATTR_OP_POLICY:
      case CTRL_ATTR_OP:
        break;
      default:
        keepUnknown(attributes, family);
    }
  return family;
}

function elements<T>(attributes: AttributeReader, read: (element: AttributeReader) => T): T[] {
  const found: T[] = [];
  const list = attributes.nested();
  while (list.next()) found.push(read(list.nested()));
  return found;
}

function readOperation(element: AttributeReader): GenericOperation {
  let command = 0;
  let flags = 0;
  const kept: KeptUnknown = {};
  while (element.next()) {
    if (element.type === CTRL_ATTR_OP_ID) command = element.u32();
    else if (element.type === CTRL_ATTR_OP_FLAGS) flags = element.u32();
    else keepUnknown(element, kept);
  }
  return { command, flags: flagsOf(flags), ...kept };
}

function readGroup(element: AttributeReader): GenericFamily['groups'][number] {
  let name = '';
  let id = 0;
  const kept: KeptUnknown = {};
  while (element.next()) {
    if (element.type === CTRL_ATTR_MCAST_GRP_NAME) name = element.string();
    else if (element.type === CTRL_ATTR_MCAST_GRP_ID) id = element.u32();
    else keepUnknown(element, kept);
  }
  return { name, id, ...kept };
}
