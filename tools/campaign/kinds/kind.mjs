/**
 * @typedef {object} Kind One kind of client.
 * @property {string} name as the table prints it
 * @property {number} [weight] how often it is used, 1 by default
 * @property {(name: object, context: object) => unknown} [open] makes what is kept for a name, an agent for example
 * @property {(kept: unknown, context: object) => Promise<string>} ask asks once: the id of the namespace that answered
 * @property {(kept: unknown) => unknown} [close] closes what is kept
 */

/** What is thrown on purpose. */
export class Thrown extends Error {
  name = 'Thrown';
  code = 'CAMPAIGN_THROWN';
}

/** An answer must be to the very question; what is not is wrong whichever namespace it is from. */
export function answerTo(text, nonce) {
  const [id, echoed, ...rest] = text.split(' ');
  return echoed === nonce && rest.length === 0 ? id : `another question's answer: ${text.slice(0, 60)}`;
}
