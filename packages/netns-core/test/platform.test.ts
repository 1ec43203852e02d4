import { describe, expect, it } from 'vitest';
import { runProgram } from '#testkit';

const ELSEWHERE = `
  Object.defineProperty(process, 'platform', { value: 'darwin' });
`;

describe('on another platform', () => {
  for (const type of ['module', 'commonjs'] as const)
    it(`the package can be imported, by ${type === 'module' ? 'import' : 'require'}; calls throw UnsupportedPlatformError, handles do not`, async () => {
      const load =
        type === 'module'
          ? `const core = await import('netns-core'); const sys = await import('netns-core/sys');`
          : `const core = require('netns-core'); const sys = require('netns-core/sys');`;
      const result = await runProgram(
        `${ELSEWHERE}${load}
        const none = core.none();
        none.close();
        console.log(none.toString(), none.uniqueId(), none.isOpen(), none.equals(core.none()), none.fd, none.dev, none.ino);
        console.log(core.vrfToNetns('x'), core.parseAddress('x/192.0.2.1:1').namespace, core.vrfToNetns('default'));
        const calls = {
          get: () => core.get(), getFromName: () => core.getFromName('x'), getFromPath: () => core.getFromPath('/x'), getFromPid: () => core.getFromPid(1),
          getFromThread: () => core.getFromThread(1, 1), resolveNamespace: () => core.resolveNamespace(''),
          newNetns: () => core.newNetns(), newNamed: () => core.newNamed('x'), addNamed: () => core.addNamed('x'), deleteNamed: () => core.deleteNamed('x'),
          set: () => core.set(none), setns: () => core.setns(none, 0), listNamed: () => core.listNamed(), listNamespaces: () => core.listNamespaces(),
          watchNamed: () => core.watchNamed(), subscribeNamed: () => core.subscribeNamed(() => {}, () => {}),
          runInNamespace: () => core.runInNamespace('', () => 1), Do: () => core.Do('x', () => 1), MustDo: () => core.MustDo('x', () => 1),
          spawnInNamespace: () => core.spawnInNamespace('x', 'true'), NamespaceWorker: () => new core.NamespaceWorker('x', '0', { eval: true }),
          openSocket: () => core.openSocket({ family: 'ipv4', type: 'stream' }), namespaceCookie: () => core.namespaceCookie(''),
          socketNamespaceCookie: () => core.socketNamespaceCookie(0), getFromDocker: () => core.getFromDocker('abc'), sys: () => sys.sys(),
        };
        const wrong = Object.entries(calls).filter(([, call]) => {
          try { call(); return true; } catch (error) { return !(error instanceof core.UnsupportedPlatformError && error.code === 'ERR_UNSUPPORTED_PLATFORM' && error.message.includes('darwin')); }
        });
        console.log(wrong.map(([name]) => name).join());`,
        { type },
      );
      expect(result.stderr).toBe('');
      expect(result.stdout).toBe('NS(none) NS(none) false true -1 0n 0n\nns-x ns-x default\n\n');
    });

  it('the native part is not even looked for at import', async () => {
    const result = await runProgram(
      `const Module = require('node:module');
      const load = Module._load;
      Module._load = (request, ...rest) => { if (request.includes('koffi')) console.log('koffi'); return load(request, ...rest); };
      require('netns-core'); require('netns-core/sys');
      console.log('imported');`,
      { type: 'commonjs' },
    );
    expect(result).toMatchObject({ stderr: '', stdout: 'imported\n' });
  });
});
