// What happens to names: everything by programs that are not ours (ip, mount, umount) or by plain renames.
import { mkdirSync, renameSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { sleep } from './clock.mjs';
import { Name } from './name.mjs';
import { run } from './world.mjs';

const BASE = '/run/campaign';

/**
 * From the process, not from another name: `ip netns` makes /run/netns a shared mount, a bind of a shared mount joins
 * its peers, and what is then mounted over one of them would be mounted over all.
 */
const bind = (world, file) => run('mount', '--bind', `/proc/${world.pid}/ns/net`, file);

/** A file on which a namespace is mounted, possibly several on top of each other. */
class Mounted {
  /** The namespaces mounted on it, the topmost last. */
  stack = [];

  constructor(name, file) {
    this.name = name;
    this.file = file;
  }

  async create(world) {
    writeFileSync(this.file, '');
    await this.#mount(world);
  }

  #mount(world) {
    return this.name.becomes(world, async () => {
      await bind(world, this.file);
      this.stack.push(world);
    });
  }

  /** A mount on top of what is there: the name means another namespace from one moment to the next. */
  async over(world) {
    if (this.stack.length < 4) await this.#mount(world);
    else await this.uncover();
  }

  /** Takes the topmost away: what was below comes back (A → B → A). */
  async uncover() {
    const below = this.stack.at(-2);
    await this.name.becomes(below, async () => {
      await run('umount', '-l', this.file);
      this.stack.pop();
    });
  }

  /** `umount` and `mount --bind` on the same file. */
  async remount(world) {
    while (this.stack.length > 0) await this.uncover();
    await this.#mount(world);
  }

  /** There and back at once. */
  async thereAndBack(world) {
    const before = this.name.world;
    await this.over(world);
    if (this.name.world === before) return;
    await this.uncover();
  }

  /** A new file under the same name. */
  async replace(world) {
    while (this.stack.length > 0) await this.uncover();
    unlinkSync(this.file);
    await this.create(world);
  }

  /** `ip netns del` and `ip netns attach`, for files in /run/netns. */
  async attach(world) {
    while (this.stack.length > 1) await this.uncover();
    const base = this.file.slice('/run/netns/'.length);
    await this.name.becomes(undefined, () => run('ip', 'netns', 'del', base));
    this.stack = [];
    await this.name.becomes(world, () => run('ip', 'netns', 'attach', base, String(world.pid)));
    this.stack.push(world);
  }

  /** Nothing for a while. */
  async vanish(world, random) {
    while (this.stack.length > 0) await this.uncover();
    unlinkSync(this.file);
    await sleep(random.integer(1, 400));
    await this.create(world);
  }

  async remove() {
    while (this.stack.length > 0) await this.uncover();
    rmSync(this.file, { force: true });
  }
}

const MOUNT_CHANGES = ['over', 'over', 'uncover', 'remount', 'remount', 'thereAndBack', 'replace', 'vanish'];

function changeMounted(mounted, world, random, more = []) {
  const change = random.pick([...MOUNT_CHANGES, ...more]);
  if (change === 'uncover' && mounted.stack.length < 2) return mounted.over(world);
  return mounted[change](world, random);
}

/** A name in /run/netns, by itself or as the VRF's. */
function mountedName(index, label, target, file, more) {
  const name = new Name(index, label, target, file, more === undefined ? 'mount' : 'netns');
  const mounted = new Mounted(name, file);
  name.create = (world) => mounted.create(world);
  name.change = (world, random) => changeMounted(mounted, world, random, more);
  name.remove = () => mounted.remove();
  return name;
}

/** A symbolic link that moves between living namespaces, atomically. */
function linkName(index, label, pointTo, type) {
  const file = `/run/netns/${label}`;
  const name = new Name(index, label, { namespace: label }, file, type);
  const put = (world, random) => {
    const next = `/run/netns/.${label}.next`;
    symlinkSync(pointTo(world, random), next);
    name.becomesAtOnce(world, () => renameSync(next, file));
  };
  name.create = async (world) => put(world);
  name.change = async (world, random) => {
    const before = name.world;
    const kind = random.integer(0, 10);
    if (kind < 5) put(world, random);
    else if (kind < 8) {
      // There and back, with or without time for a look.
      put(world, random);
      if (random.chance(0.5)) await sleep(random.integer(0, 60));
      put(before, random);
    } else if (kind < 9) {
      name.becomesAtOnce(undefined, () => unlinkSync(file));
      await sleep(random.integer(0, 50));
      put(world, random);
    } else {
      // Renamed away, and another one in its place.
      name.becomesAtOnce(undefined, () => renameSync(file, `/run/netns/.${label}.away`));
      rmSync(`/run/netns/.${label}.away`);
      put(world, random);
    }
  };
  name.remove = async () => rmSync(file, { force: true });
  return name;
}

/** A link that stays, to a file that is replaced. */
function linkedFileName(index, label) {
  mkdirSync(`${BASE}/engine`, { recursive: true });
  const file = `${BASE}/engine/${label}`;
  const name = new Name(index, label, { namespace: label }, `/run/netns/${label}`, 'linked file');
  const mounted = new Mounted(name, file);
  name.create = async (world) => {
    await mounted.create(world);
    symlinkSync(file, `/run/netns/${label}`);
  };
  name.change = (world, random) => changeMounted(mounted, world, random);
  name.remove = async () => {
    unlinkSync(`/run/netns/${label}`);
    await mounted.remove();
  };
  return name;
}

/** A name in a directory of its own, of which there are two that change places. */
function directoryName(index, label) {
  const folder = `${BASE}/${label}`;
  mkdirSync(folder);
  mkdirSync(`${folder}.other`);
  const file = `${folder}/web`;
  const name = new Name(index, label, { namespace: { name: 'web', dir: folder } }, file, 'directory');
  const here = new Mounted(name, file);
  let otherWorld;
  name.create = async (world) => {
    otherWorld = world;
    writeFileSync(`${folder}.other/web`, '');
    await bind(world, `${folder}.other/web`);
    await here.create(world);
  };
  name.change = async (world, random) => {
    if (random.chance(0.6)) return changeMounted(here, world, random);
    while (here.stack.length > 1) await here.uncover();
    const before = name.world;
    name.becomesAtOnce(undefined, () => renameSync(folder, `${folder}.away`));
    name.becomesAtOnce(otherWorld, () => renameSync(`${folder}.other`, folder));
    renameSync(`${folder}.away`, `${folder}.other`);
    here.stack = [otherWorld];
    otherWorld = before;
  };
  name.remove = async () => {
    await here.remove();
    await run('umount', '-l', `${folder}.other/web`);
    rmSync(folder, { recursive: true });
    rmSync(`${folder}.other`, { recursive: true });
  };
  return name;
}

/** A namespace that is deleted and made anew, servers included, under the name that clients use. */
function recreatedName(index, label, makeWorld) {
  const name = new Name(index, label, { namespace: label }, `/run/netns/${label}`, 'recreated');
  const make = async () => {
    const world = makeWorld(label);
    await name.becomes(world, async () => {
      await run('ip', 'netns', 'add', label);
      world.ino = statSync(`/run/netns/${label}`).ino;
    });
    await world.start();
  };
  name.create = make;
  name.change = async () => {
    const before = name.world;
    await name.becomes(undefined, () => run('ip', 'netns', 'del', label));
    setTimeout(() => before.stop(), 3000).unref();
    await make();
  };
  name.remove = async () => {
    const before = name.world;
    await name.becomes(undefined, () => run('ip', 'netns', 'del', label));
    await before.stop();
  };
  return name;
}

/**
 * All names of a campaign.
 *
 * @param makeWorld makes a new `World` in a namespace of the given name
 */
export function makeNames(makeWorld, scale = 1) {
  mkdirSync(`${BASE}/paths`, { recursive: true });
  const names = [];
  const many = (count, make) => {
    for (let i = 0; i < Math.max(1, Math.round(count * scale)); i += 1) names.push(make(names.length, i));
  };
  const worldFile = ({ namespace }) => namespace;
  const processFile = (world, random) =>
    random === undefined || random.chance(0.8) ? `/proc/${world.pid}/ns/net` : `/run/netns/${world.namespace}`;
  many(6, (index, i) => mountedName(index, `p${i}`, { namespace: `p${i}` }, `/run/netns/p${i}`, ['attach', 'attach']));
  many(4, (index, i) => mountedName(index, `v${i}`, { vrf: `v${i}` }, `/run/netns/ns-v${i}`, ['attach']));
  many(4, (index, i) => linkName(index, `l${i}`, worldFile, 'link'));
  many(2, (index, i) => linkName(index, `q${i}`, processFile, 'process link'));
  many(2, (index, i) => linkedFileName(index, `x${i}`));
  many(2, (index, i) => directoryName(index, `d${i}`));
  many(2, (index, i) =>
    mountedName(index, `t${i}`, { namespace: { path: `${BASE}/paths/t${i}` } }, `${BASE}/paths/t${i}`),
  );
  many(3, (index, i) => recreatedName(index, `r${i}`, makeWorld));
  // Never touched: nothing may be noticed here.
  many(1, (index, i) => steady(mountedName(index, `s${i}`, { namespace: `s${i}` }, `/run/netns/s${i}`)));
  many(1, (index, i) => steady(linkName(index, `sq${i}`, processFile, 'process link')));
  return names;
}

function steady(name) {
  name.type = 'untouched';
  name.change = undefined;
  return name;
}
