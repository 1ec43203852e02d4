// SMTP in a VRF, with `nodemailer`: `getSocket` gives it a connection for each message. Its option `socket` will not do:
// nodemailer resolves the host itself then, at home. Tokens for OAuth 2 are fetched from home, too: pass `accessToken`.
//
//   node nodemailer.mjs <vrf> <host> <port>
import nodemailer from 'nodemailer';
import { dial } from 'vrf-dial';

const [vrf, host, port] = process.argv.slice(2);

const transport = nodemailer.createTransport({
  host,
  port: Number(port),
  getSocket({ host, port }, done) {
    dial({ vrf, host, port }).then((connection) => done(null, { connection }), done);
  },
});
const { response } = await transport.sendMail({
  from: 'one@example.com',
  to: 'other@example.com',
  subject: 'hello',
  text: 'hello',
});
console.log(response);
