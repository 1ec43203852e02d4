// What a test file runs in: a process that `unshare` has started in namespaces of its own. The module whose path comes
// as the argument is Vitest's half of the conversation; it is loaded once there is a place to work in.
import { pathToFileURL } from 'node:url';
import { checkInside } from '../sandbox/namespaces.mjs';
import { prepareSandbox } from '../sandbox/prepare.mjs';

checkInside(process.env.NETNS_SANDBOX_OUTSIDE);
delete process.env.NETNS_SANDBOX_OUTSIDE;
prepareSandbox();
const [entry] = process.argv.splice(2, 1);
await import(pathToFileURL(entry).href);
