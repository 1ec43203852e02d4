// mysql2's own server: 42 is its answer to every query.
import mysql from 'mysql2';

const CLIENT_COMPRESS = 0x20;
const CLIENT_SSL = 0x800;
const SHORT = 0xfd;

export function createMysqlServer() {
  const server = mysql.createServer();
  server.on('connection', (connection) => {
    connection.serverHandshake({
      protocolVersion: 10,
      serverVersion: '8.0.0',
      connectionId: 1,
      statusFlags: 2,
      characterSet: 8,
      capabilityFlags: 0xffffff & ~(CLIENT_COMPRESS | CLIENT_SSL),
    });
    connection.on('error', () => {});
    connection.on('query', () => {
      connection.writeColumns([
        {
          catalog: 'def',
          schema: '',
          table: '',
          orgTable: '',
          name: 'answer',
          orgName: 'answer',
          characterSet: 33,
          columnLength: 8,
          columnType: SHORT,
          type: SHORT,
          flags: 0,
          decimals: 0,
        },
      ]);
      connection.writeTextRow(['42']);
      connection.writeEof();
    });
    connection.on('quit', () => connection.close());
  });
  return server;
}
