import { BPF_PROG_LOAD, LITTLE_ENDIAN, sys } from 'netns-core/sys';

/**
 * Loads a BPF program of two instructions, which returns a number. It takes real root.
 *
 * @param type `BPF_PROG_TYPE_…`
 * @returns a file descriptor
 */
export function loadProgram(type: number, returned: number): number {
  const instructions = new DataView(new ArrayBuffer(16));
  instructions.setUint8(0, 0xb7); // r0 = …
  instructions.setInt32(4, returned, LITTLE_ENDIAN);
  instructions.setUint8(8, 0x95); // exit
  const attributes = new DataView(new ArrayBuffer(48));
  attributes.setUint32(0, type, LITTLE_ENDIAN);
  attributes.setUint32(4, 2, LITTLE_ENDIAN);
  return sys().bpf(BPF_PROG_LOAD, new Uint8Array(attributes.buffer), [
    [8, new Uint8Array(instructions.buffer)],
    [16, new TextEncoder().encode('GPL\0')],
  ]);
}
