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
  { target: dns, share: 28 },
  { target: etcFiles, share: 20 },
  { target: cni, share: 10 },
  { target: templates, share: 16.7 },
  { target: optionsTarget, share: 0.2 },
  { target: procFiles, share: 0.1 },
];
