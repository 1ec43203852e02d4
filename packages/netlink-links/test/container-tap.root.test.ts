import { createTap, openTap, TapDevice } from 'netlink-links/container';
import { ClosedHandleError, runInNamespace } from 'netns-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, ipIn, ipJson, leakedFds, makeNamespaces, openFds, retryUntil, run, uniqueName } from '#testkit';

let pod = '';
let namespaces = makeNamespaces();
beforeEach(() => {
  pod = uniqueName('pod');
  namespaces = makeNamespaces(pod);
});
afterEach(() => namespaces.remove());

const inPod = <T>(work: () => T): T => runInNamespace(pod, work);
const names = (namespace: string): string[] =>
  ipJson<{ ifname: string }>('link', namespace).map(({ ifname }) => ifname);

describe('TAP devices', () => {
  const FRAME = new Uint8Array(60);
  FRAME.fill(0xff, 0, 6);
  FRAME.set([2, 0, 0, 0, 0, 1, 0x88, 0xb5], 6);

  it('are made with their MTU, up, and stay', () => {
    const tap = inPod(() => createTap('tap5', 9000));
    expect(tap).toMatchObject({ type: 'tuntap', mode: 'tap', name: 'tap5', mtu: 9000 });
    expect(ipJson<{ flags: string[] }>('link show tap5', pod)[0]?.flags).toContain('UP');
    expect(ip('link')).not.toContain('tap5');
  });

  it('are not left behind if the MTU is refused, and do not replace a link', () => {
    expect(() => inPod(() => createTap('tap5', 70_000))).toThrow(/tap5/);
    expect(names(pod)).toEqual(['lo']);
    ipIn(pod, 'link add eth0 type veth peer name eth1');
    expect(() => inPod(() => createTap('eth0', 1500))).toThrow(/eth0/);
    expect(() => inPod(() => createTap('lo', 1500))).toThrow(/lo/);
    expect(names(pod)).toEqual(['lo', 'eth1', 'eth0']);
    for (const name of ['', 'a/b', 'a'.repeat(16)]) expect(() => openTap(name)).toThrow();
  });

  it('are opened by one at a time, and forgotten with it if they were made by that', () => {
    inPod(() => createTap('tap5', 1500));
    const fds = openFds();
    const tap = inPod(() => openTap('tap5'));
    expect(() => inPod(() => openTap('tap5'))).toThrow(
      'cannot open the TAP device "tap5": it exists already and is in use: another process has it open, or it is not a TAP device (EBUSY)',
    );
    tap.close();
    tap.close();
    expect(names(pod)).toContain('tap5');
    const passing = inPod(() => openTap('tap6'));
    expect(names(pod)).toContain('tap6');
    passing.close();
    expect(names(pod)).not.toContain('tap6');
    expect(leakedFds(fds)).toEqual([]);
    ipIn(pod, 'link add eth0 type veth peer name eth1');
    expect(() => inPod(() => openTap('eth0'))).toThrow(/a device of that name is there, but no TAP device/);
  });

  it('carry frames both ways, one a turn, and end their loop when they are closed', async () => {
    inPod(() => createTap('tap5', 1500));
    ipIn(pod, 'addr add 192.0.2.1/24 dev tap5');
    const fds = openFds();
    const tap = inPod(() => openTap('tap5'));
    // The kernel asks for a neighbour: three frames of ARP, of 42 bytes each.
    const ping = run('sh', ['-c', `ip netns exec ${pod} ping -c 1 -W 1 192.0.2.9 || true`]);
    expect(ping).toContain('100% packet loss');
    const sizes: number[] = [];
    for await (const frame of tap.frames()) {
      if (frame[12] === 8 && frame[13] === 6) sizes.push(frame.length);
      if (sizes.length === 1) break;
    }
    expect(sizes).toEqual([42]);

    await tap.write(FRAME);
    const received = (): number =>
      ipJson<{ stats64?: { rx: { packets: number } } }>('-s link show tap5', pod)[0]?.stats64?.rx.packets ?? 0;
    await retryUntil(() => received() > 0);

    // A second loop is possible after the first, but not beside it.
    const loop = tap.frames();
    const waiting = loop.next();
    await expect(tap.frames().next()).rejects.toMatchObject({ code: 'ERR_TAP_IN_USE' });
    tap.close();
    let turn = await waiting;
    while (!turn.done) turn = await loop.next();
    expect(() => tap.fd).toThrow(ClosedHandleError);
    await expect(tap.write(FRAME)).rejects.toThrow('the TAP device "tap5" has been closed');
    await retryUntil(() => leakedFds(fds).length === 0);
  });

  it('keep frames for a slow reader, each by itself', async () => {
    inPod(() => createTap('tap5', 1500));
    ipIn(pod, 'addr add 192.0.2.1/24 dev tap5');
    ipIn(pod, 'neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 nud permanent dev tap5');
    using tap = inPod(() => openTap('tap5'));
    const loop = tap.frames();
    const first = loop.next();
    // More than waits here at once, and less than the kernel keeps.
    const count = 600;
    const program = `
      const socket = require('node:dgram').createSocket('udp4');
      socket.bind(0, '192.0.2.1', async () => {
        for (let number = 0; number < ${count}; number += 1)
          await new Promise((sent) => socket.send(Buffer.from([number >> 8, number & 255]), 9, '192.0.2.9', sent));
        socket.close();
      });`;
    run('ip', ['netns', 'exec', pod, process.execPath, '-e', program]);
    const numbers: number[] = [];
    for (let turn = await first; !turn.done; turn = await loop.next()) {
      const frame = turn.value;
      if (frame[23] !== 17) continue;
      expect(frame.length).toBe(14 + 20 + 8 + 2);
      numbers.push(((frame[42] ?? 0) << 8) | (frame[43] ?? 0));
      if (numbers.length === count) break;
      if (numbers.length % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(numbers).toEqual(Array.from({ length: count }, (_, number) => number));
  });

  it('say why a frame cannot be written', async () => {
    inPod(() => createTap('tap5', 1500));
    using tap = inPod(() => openTap('tap5'));
    await expect(tap.write(new Uint8Array(5))).rejects.toThrow(
      'cannot write a frame of 5 bytes to the TAP device "tap5": a frame begins with an Ethernet header of 14 bytes (EINVAL)',
    );
    ipIn(pod, 'link set tap5 down');
    await expect(tap.write(FRAME)).rejects.toThrow('the device is down: bring it up with linkSetUp (EIO)');
    ipIn(pod, 'link set tap5 up');
    await tap.write(FRAME);
    const loop = tap.frames();
    const reading = (async () => {
      for (;;) if ((await loop.next()).done) return;
    })();
    ipIn(pod, 'link del tap5');
    await expect(tap.write(FRAME)).rejects.toThrow('the device has been deleted (EBADFD)');
    await expect(reading).rejects.toThrow('cannot read from the TAP device "tap5": has it been deleted?');
  });

  it('can be taken over by their file descriptor', async () => {
    inPod(() => createTap('tap5', 1500));
    const tap = inPod(() => openTap('tap5'));
    using same = TapDevice.fromFd(tap.fd, 'tap5');
    await same.write(FRAME);
    expect(same.isOpen).toBe(true);
  });
});
