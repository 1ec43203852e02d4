import { isLinkProvider, type LinkProvider, linkOf, noLinkProvider } from 'netlink-links';
import { NetnsError } from 'netns-core';
import type { Action } from '../action.js';
import { checkOvsName, type OvsOptions, ovsVsctl } from './ovs-vsctl.js';

/** How a bridge is attached. */
export interface OvsBridgeOptions extends OvsOptions {
  /** The Open vSwitch bridge that the kernel's bridge becomes a port of; it is made if need be. */
  bridge?: string;
  /** The datapath of an Open vSwitch bridge that is made: `'netdev'` is the one in user space. */
  datapathType?: 'system' | 'netdev';
}

/**
 * Attaches a bridge to Open vSwitch. With `bridge`, it becomes a port of that Open vSwitch bridge. Without, its name
 * is added as an Open vSwitch bridge, as NESlink does: that is an entry in the database, which the switch itself can
 * carry out only if it may make the device, so a switch that runs refuses it for a bridge of the kernel. The entry is
 * then taken back.
 *
 * @param provider the bridge; without one it is `LinkDo`'s link
 */
export function LAAttachBridge(provider: LinkProvider, options?: OvsBridgeOptions): Action<void>;
export function LAAttachBridge(options?: OvsBridgeOptions): Action<void>;
export function LAAttachBridge(first?: LinkProvider | OvsBridgeOptions, second?: OvsBridgeOptions): Action<void> {
  return {
    name: 'LAAttachBridge',
    do: async (context) => {
      const [provider, options] = split('LAAttachBridge', first, second);
      const link = await linkOf(provider, context);
      if (link.type !== 'bridge')
        throw new NetnsError(`the link "${link.name}" is not a bridge (it is a ${link.type})`, {
          code: 'ERR_NOT_A_BRIDGE',
        });
      const bridge = checkOvsName(options.bridge ?? link.name);
      checkOvsName(link.name);
      const command = ['--may-exist', 'add-br', bridge];
      if (options.datapathType !== undefined)
        command.push('--', 'set', 'bridge', bridge, `datapath_type=${options.datapathType}`);
      if (options.bridge !== undefined) {
        await ovsVsctl(context, options, [...command, '--', '--may-exist', 'add-port', bridge, link.name]);
        return;
      }
      try {
        // Without --may-exist: what is not ours must not be taken back either.
        await ovsVsctl(context, options, command.slice(1));
      } catch (error) {
        if (error instanceof Error && error.message.includes('Error detected while setting up'))
          await ovsVsctl(context, options, ['--if-exists', 'del-br', bridge]);
        throw error;
      }
    },
  };
}

/**
 * Detaches a bridge from Open vSwitch: with `bridge`, the port from that bridge, which stays; without, the bridge of
 * this name. The kernel's bridge itself stays in either case.
 *
 * @param provider the bridge; without one it is `LinkDo`'s link
 */
export function LADetachBridge(provider: LinkProvider, options?: Omit<OvsBridgeOptions, 'datapathType'>): Action<void>;
export function LADetachBridge(options?: Omit<OvsBridgeOptions, 'datapathType'>): Action<void>;
export function LADetachBridge(first?: LinkProvider | OvsBridgeOptions, second?: OvsBridgeOptions): Action<void> {
  return {
    name: 'LADetachBridge',
    do: async (context) => {
      const [provider, options] = split('LADetachBridge', first, second);
      const { name } = await linkOf(provider, context);
      const { bridge } = options;
      for (const each of [name, bridge ?? name]) checkOvsName(each);
      await ovsVsctl(context, options, bridge === undefined ? ['del-br', name] : ['del-port', bridge, name]);
    },
  };
}

function split(
  callee: string,
  first: LinkProvider | OvsBridgeOptions | undefined,
  second: OvsBridgeOptions | undefined,
): [LinkProvider | undefined, OvsBridgeOptions] {
  if (isLinkProvider(first)) return [first, second ?? {}];
  if (second !== undefined || (first !== undefined && (typeof first !== 'object' || first === null)))
    throw noLinkProvider(callee, first);
  return [undefined, first ?? {}];
}
