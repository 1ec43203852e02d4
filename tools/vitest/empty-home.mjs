// Before each test file: the sandbox's home namespace holds nothing but `lo`, whatever the file before has left there.
import { execFileSync } from 'node:child_process';

// Set by the sandbox alone. Elsewhere the links are not ours.
if (process.env.NETNS_SANDBOX) {
  const links = JSON.parse(execFileSync('ip', ['-j', 'link', 'show'], { encoding: 'utf8' }));
  for (const { ifname } of links) {
    if (ifname === 'lo') continue;
    try {
      execFileSync('ip', ['link', 'del', 'dev', ifname], { stdio: 'ignore' });
    } catch {
      // The other end of a pair that has just gone, or a device that the kernel makes itself.
    }
  }
}
