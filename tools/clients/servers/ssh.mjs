// ssh2's own server: it lets everyone in, and answers a command with the server's name.
import ssh2 from 'ssh2';

export function createSshServer() {
  const hostKeys = [ssh2.utils.generateKeyPairSync('ed25519').private];
  return new ssh2.Server({ hostKeys }, (client) => {
    client.on('authentication', (context) => context.accept());
    client.on('error', () => {});
    client.on('session', (acceptSession) => {
      acceptSession().on('exec', (acceptExec) => {
        const stream = acceptExec();
        stream.write('server');
        stream.exit(0);
        stream.end();
      });
    });
  });
}
