// The plugin as a runtime starts it: one process for each call.
import { runPlugin } from 'cni-types/plugin';
import { vethBridge } from './handlers.mjs';

runPlugin(vethBridge);
