import { spawn } from 'node:child_process';
import { it } from 'vitest';

it('leaves processes running', () => {
  const seconds = process.env.SECONDS ?? '';
  spawn('sleep', [seconds], { detached: true, stdio: 'ignore' }).unref();
  // Of the next two, one is in another mount namespace and the other does not carry the id of the sandbox.
  spawn('ip', ['netns', 'add', 'elsewhere'], { stdio: 'ignore' }).on('exit', () => {
    spawn('ip', ['netns', 'exec', 'elsewhere', 'sleep', seconds], { detached: true, stdio: 'ignore' }).unref();
  });
  spawn('env', ['-i', '/bin/sleep', seconds], { detached: true, stdio: 'ignore' }).unref();
  return new Promise((resolve) => setTimeout(resolve, 300));
});
