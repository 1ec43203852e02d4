/**
 * What an object that was read has for its kind: one of `kinds` by the kernel's name, or `'generic'` with the name that
 * the kernel gave.
 */
export function readKind<Name extends string>(
  kinds: Readonly<Record<Name, unknown>>,
  kernelKind: string,
): { readonly kind: Name; readonly kernelKind?: string } {
  if (kernelKind !== 'generic' && Object.hasOwn(kinds, kernelKind)) return { kind: kernelKind as Name };
  return { kind: 'generic' as Name, kernelKind };
}
