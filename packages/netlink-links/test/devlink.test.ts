import { Netlink } from 'netlink-links';
import { attr } from 'netlink-links/attributes';
import { devlinkEswitchSet, devlinkInfoGet } from 'netlink-links/operations';
import { expect, it } from 'vitest';
import { encodeAttributes } from '../src/attributes/attribute-spec.js';
import { readDevice } from '../src/devlink/devices.js';
import { readEswitch, writeEswitch } from '../src/devlink/eswitch.js';
import { readInfo } from '../src/devlink/info.js';
import { readPort } from '../src/devlink/ports.js';
import { devlinkMessage } from '../src/devlink/request.js';
import { AttributeReader } from '../src/message/attribute-reader.js';
import { MessageBytes } from '../src/message/message-bytes.js';

// No device is there, here or in the virtual machine: what the kernel sends is written by hand, from <linux/devlink.h>.
const DEVICE = [attr.string(1, 'pci'), attr.string(2, '0000:03:00.0')];
const NAMES = { bus: 'pci', device: '0000:03:00.0' };

function read<T>(reader: (attributes: AttributeReader) => T, ...attributes: Parameters<typeof encodeAttributes>[0]): T {
  const encoded = encodeAttributes([...DEVICE, ...attributes]);
  const bytes = MessageBytes.from(encoded);
  const value = reader(new AttributeReader(bytes, 0, encoded.length));
  expect(bytes.error).toBeUndefined();
  return value;
}

it('a device is read', () => {
  expect(read(readDevice)).toEqual(NAMES);
  expect(read(readDevice, attr.u8(136, 1), attr.u32(999, 5))).toMatchObject({
    ...NAMES,
    reloadFailed: true,
    unknown: [{ attribute: 999 }],
  });
});

it('a port is read: a physical one, and what represents a virtual function', () => {
  expect(
    read(
      readPort,
      attr.u32(3, 65_535),
      attr.u16(4, 2),
      attr.u32(6, 7),
      attr.string(7, 'eth0'),
      attr.u16(77, 0),
      attr.u32(78, 1),
      attr.u8(148, 1),
      attr.u32(147, 4),
    ),
  ).toEqual({
    ...NAMES,
    index: 65_535,
    type: 'eth',
    ifindex: 7,
    linkName: 'eth0',
    flavour: 'physical',
    number: 1,
    splittable: true,
    lanes: 4,
  });
  expect(
    read(
      readPort,
      attr.u32(3, 1),
      attr.u16(4, 9),
      attr.u16(77, 4),
      attr.u32(150, 0),
      attr.u16(127, 0),
      attr.u16(128, 3),
      attr.u8(149, 0),
      attr.nested(145, [attr.bytes(1, Uint8Array.of(2, 0, 0, 0, 0, 3)), attr.u8(2, 1), attr.u8(3, 0), attr.u32(9, 1)]),
    ),
  ).toMatchObject({
    index: 1,
    type: 9,
    flavour: 'pcivf',
    controller: 0,
    pfNumber: 0,
    vfNumber: 3,
    external: false,
    function: {
      hardwareAddr: '02:00:00:00:00:03',
      state: 'active',
      opState: 'detached',
      unknown: [{ attribute: 9 }],
    },
  });
});

it('the information of a device is read', () => {
  const version = (kind: number, name: string, value: string) =>
    attr.nested(kind, [attr.string(103, name), attr.string(104, value)]);
  expect(
    read(
      readInfo,
      attr.string(98, 'mlx5_core'),
      attr.string(99, 'MT1'),
      attr.string(146, 'B1'),
      version(100, 'board.id', 'X'),
      version(101, 'fw', '1.2'),
      version(101, 'fw.psid', 'P'),
      version(102, 'fw', '1.3'),
    ),
  ).toEqual({
    ...NAMES,
    driver: 'mlx5_core',
    serialNumber: 'MT1',
    boardSerialNumber: 'B1',
    versions: { fixed: { 'board.id': 'X' }, running: { fw: '1.2', 'fw.psid': 'P' }, stored: { fw: '1.3' } },
  });
});

it('a switch is read, and written as read', () => {
  const eswitch = read(readEswitch, attr.u16(25, 1), attr.u8(26, 3), attr.u8(62, 7), attr.u16(200, 1));
  expect(eswitch).toMatchObject({
    ...NAMES,
    mode: 'switchdev',
    inlineMode: 'transport',
    encapMode: 7,
    unknown: [{ attribute: 200 }],
  });
  const message = devlinkMessage(0x20, 30, 0, NAMES, (writer) => writeEswitch(writer, eswitch));
  const bytes = MessageBytes.from(message);
  expect(readEswitch(new AttributeReader(bytes, 20, message.length))).toEqual(eswitch);
});

it('what cannot be is refused', () => {
  for (const device of ['pci', 'pci/', '/x', 'a/b/c', 7, null, [], { bus: 'pci' }])
    expect(() => devlinkInfoGet(device as never)).toThrow(/^device(\.device)? must be a/);
  expect(() => devlinkEswitchSet('pci/0000:03:00.0', {})).toThrow(
    /^devlinkEswitchSet needs at least one of mode, inlineMode, encapMode$/,
  );
  expect(() => devlinkEswitchSet('pci/0000:03:00.0', { mode: 'x' as never })).toThrow(
    /^mode must be one of legacy, switchdev, got 'x'$/,
  );
  expect(() => devlinkEswitchSet('pci/0000:03:00.0', { encap: 'basic' } as never)).toThrow(/encapMode/);
});

it('where the kernel lacks it, it is said, and where it has it there is no such device', async () => {
  using netlink = Netlink.open();
  await expect(netlink.devlinkInfoGet('pci/0000:99:00.0')).rejects.toMatchObject({
    code: expect.stringMatching(/^(ENOENT|ENODEV)$/),
    message: expect.stringMatching(
      /^cannot read the information of pci\/0000:99:00\.0: (generic netlink family|there is no)/,
    ),
  });
});
