/**
 * Under this key the options of `connect`, and of `dgram.createSocket`, say that this package makes the socket itself,
 * in a namespace that was chosen. `vrf-dial/register` leaves such sockets alone, whichever copy of the package they
 * come from.
 */
export const PLACED: unique symbol = Symbol.for('vrf-dial.placed');
