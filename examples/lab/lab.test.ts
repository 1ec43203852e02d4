import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ip } from '#testkit';

const LAB = fileURLToPath(new URL('lab.mjs', import.meta.url));

describe('the lab', () => {
  it('routes pings between all hosts, loses them on its slow wire alone, and leaves nothing', {
    timeout: 60_000,
  }, async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [LAB], {
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    expect(stderr).toBe('');
    const [diagram = '', results = ''] = stdout.split('\n\n');
    expect(diagram.split('\n')).toEqual([
      'flowchart LR',
      '  r1{{r1}}',
      '  r2{{r2}}',
      '  h1[h1]',
      '  h2[h2]',
      '  h3[h3]',
      '  h1 ---|"192.0.2.10/26<br>192.0.2.1/26"| r1',
      '  h2 ---|"192.0.2.70/26<br>192.0.2.65/26"| r1',
      '  r1 ---|"198.51.100.1/30<br>198.51.100.2/30<br>2 Mbit/s"| r2',
      '  r2 ---|"203.0.113.1/24<br>203.0.113.10/24"| h3',
    ]);
    const said = new Map(
      results
        .trim()
        .split('\n')
        .map((line) => line.split(': ') as [string, string]),
    );
    for (const pair of ['h1 -> h2', 'h1 -> h3', 'h2 -> h1', 'h2 -> h3', 'h3 -> h1', 'h3 -> h2'])
      expect(said.get(`ping ${pair}`), pair).toBe('2 of 2');
    const received = (name: string): number => Number(said.get(`flood ${name}`)?.split(' ')[0]);
    expect(received('h1 -> h2')).toBe(50);
    expect(received('h1 -> h3')).toBeLessThan(40);
    expect(received('h1 -> h3')).toBeGreaterThan(0);
    expect(ip('netns list')).not.toContain('lab-');
  });
});
