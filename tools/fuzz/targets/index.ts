import type { Target } from '../target.ts';
import { cni } from './cni.ts';
import { dns } from './dns.ts';
import { etcFiles } from './etc-files.ts';
import { netlink } from './netlink.ts';
import { optionsTarget } from './options.ts';
import { procFiles } from './proc-files.ts';
import { templates } from './templates.ts';

/** All targets, each with its share of the inputs. */
export const TARGETS: readonly { readonly target: Target; readonly share: number }[] = [
  { target: netlink, share: 25 },
  { target: dns, share: 20 },
  { target: etcFiles, share: 15 },
  { target: cni, share: 15 },
  { target: templates, share: 15 },
  { target: optionsTarget, share: 8 },
  { target: procFiles, share: 2 },
];
