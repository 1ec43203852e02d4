import { spawnSync } from 'node:child_process';
import type { Operation } from 'netlink-links';

const RTM_GETLINK = 18;

/**
 * The messages that a program of iproute2 sends, sequence number removed, without those that look up links. They are
 * sent whether the kernel takes them or not.
 *
 * @param line its arguments, separated by blanks; `~` stands for a blank inside of one
 * @param namespace that it runs in; strace has to be there too, since it asks what kind of socket it sees
 */
export function sentBy(program: string, line: string, namespace?: string): string[] {
  const inside = namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace];
  const [command = '', ...words] = [
    ...inside,
    'strace',
    '-e',
    'trace=sendmsg',
    '-e',
    'write=all',
    '-s',
    '0',
    program,
    ...line.split(/\s+/).map((word) => word.replaceAll('~', ' ')),
  ];
  const { stderr } = spawnSync(command, words, { encoding: 'utf8' });
  const sent = parse(stderr);
  if (sent.length === 0) throw new Error(`${program} ${line} sent nothing: ${stderr.slice(0, 500)}`);
  return sent;
}

function parse(output: string): string[] {
  const messages: string[] = [];
  let hex = '';
  const flush = (): void => {
    if (hex !== '') messages.push(hex);
    hex = '';
  };
  for (const row of output.split('\n')) {
    const dump = /^ \| [0-9a-f]{5,} {2}((?:[0-9a-f]{2} {1,2}){1,16})/.exec(row);
    if (dump?.[1] !== undefined) {
      if (/^ \| 0{5,} /.test(row)) flush();
      hex += dump[1].replace(/ /g, '');
    }
  }
  flush();
  return messages.map(normalised).filter((message) => Buffer.from(message, 'hex').readUInt16LE(4) !== RTM_GETLINK);
}

/** Without the sequence number. */
export function normalised(hex: string): string {
  const message = Buffer.from(hex, 'hex');
  message.writeUInt32LE(0, 8);
  return message.toString('hex');
}

/** The message of an operation, whose links are given by index. */
export function ours(operation: Operation<unknown>): string {
  const request = operation.single ?? operation.start().next().value;
  return normalised(Buffer.from((request as { message: Uint8Array }).message).toString('hex'));
}
