import { NamedNumbers } from '../../message/named-numbers.js';

/** The state of a socket, of TCP's; others are `established` or `close`. */
export type SocketState =
  | 'established'
  | 'syn-sent'
  | 'syn-recv'
  | 'fin-wait-1'
  | 'fin-wait-2'
  | 'time-wait'
  | 'close'
  | 'close-wait'
  | 'last-ack'
  | 'listen'
  | 'closing';

/** `TCP_ESTABLISHED` and what follows it in `<net/tcp_states.h>` */
export const socketStates = new NamedNumbers<SocketState>(
  'states',
  {
    established: 1,
    'syn-sent': 2,
    'syn-recv': 3,
    'fin-wait-1': 4,
    'fin-wait-2': 5,
    'time-wait': 6,
    close: 7,
    'close-wait': 8,
    'last-ack': 9,
    listen: 10,
    closing: 11,
  },
  31,
);

/** All states that have a name, and `TCP_NEW_SYN_RECV`: those that `ss` means by all. */
export const ALL_STATES = 0x1fff & ~1;
