// What stands for `Symbol.dispose` and `Symbol.asyncDispose` in the built packages. Before Node 24 they exist in the
// main realm only, not in a `vm` context, in which jest runs tests: a method called by them would be called 'undefined'
// there. The fallback is the one of compiled `using`.
export const SYMBOL_DISPOSE = Reflect.get(Symbol, 'dispose') ?? Symbol.for('Symbol.dispose');
export const SYMBOL_ASYNC_DISPOSE = Reflect.get(Symbol, 'asyncDispose') ?? Symbol.for('Symbol.asyncDispose');
