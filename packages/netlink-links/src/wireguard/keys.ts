import { InvalidOptionError } from 'netns-core';
import { WG_KEY_LEN } from '../uapi/wireguard.js';

/** 32 bytes in base64, none of whose last bits are set: 43 characters and one `=`. */
const BASE64_KEY = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/**
 * The bytes of a key. The error never repeats what was given.
 *
 * @throws InvalidOptionError
 */
export function parseKey(key: unknown, property: string): Uint8Array {
  if (typeof key !== 'string' || !BASE64_KEY.test(key))
    throw new InvalidOptionError(
      property,
      `${property} must be a key of ${WG_KEY_LEN} bytes in base64, 44 characters, as \`wg genkey\` prints it`,
    );
  // Not `Buffer.from`, which puts small buffers into memory that others share.
  const bytes = new Uint8Array(WG_KEY_LEN);
  Buffer.from(bytes.buffer).write(key, 'base64');
  return bytes;
}

/** Whether a text has the form of a key. */
export function isKey(text: unknown): boolean {
  return typeof text === 'string' && BASE64_KEY.test(text);
}

/** A key in base64, as `wg` prints it. */
export function formatKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** Sets the bits of a private key that are fixed (RFC 7748, section 5), as the kernel does. */
export function clamped(key: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(key);
  bytes[0] = (bytes[0] ?? 0) & 248;
  bytes[31] = ((bytes[31] ?? 0) & 127) | 64;
  return bytes;
}

// Loaded with the first key: imported, it takes longer to load than all that is here.
const crypto = () => process.getBuiltinModule('node:crypto');

/** Makes a private key, as `wg genkey` does. */
export function generateWireguardKey(): string {
  return formatKey(clamped(crypto().randomBytes(WG_KEY_LEN)));
}

/** Makes a key that two peers share besides their own ones, as `wg genpsk` does. */
export function generateWireguardPresharedKey(): string {
  return formatKey(crypto().randomBytes(WG_KEY_LEN));
}

/** The beginning of a private key of X25519 in PKCS #8. */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

/**
 * The public key that belongs to a private key, as `wg pubkey` prints it.
 *
 * @throws InvalidOptionError, which does not repeat the key
 */
export function wireguardPublicKey(privateKey: string): string {
  const bytes = parseKey(privateKey, 'privateKey');
  const { createPrivateKey, createPublicKey } = crypto();
  const der = Buffer.alloc(PKCS8.length + bytes.length);
  der.set(PKCS8);
  der.set(bytes, PKCS8.length);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return formatKey(spki.subarray(spki.length - WG_KEY_LEN));
}
