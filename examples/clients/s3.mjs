// S3 in a VRF, with `@aws-sdk/client-s3`: its request handler takes Node's agents. Give region and credentials: what the
// SDK asks for them otherwise (instance metadata, STS, SSO) it asks over connections of its own, from home.
//
//   node s3.mjs <vrf> <host> <port>
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { VrfHttpAgent, VrfHttpsAgent } from 'vrf-dial';

const [vrf, host, port] = process.argv.slice(2);

const client = new S3Client({
  endpoint: `http://${host}:${port}`,
  forcePathStyle: true,
  region: 'us-east-1',
  credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
  requestHandler: { httpAgent: new VrfHttpAgent({ vrf }), httpsAgent: new VrfHttpsAgent({ vrf }) },
});
await client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'greeting', Body: 'hello' }));
const { Body } = await client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'greeting' }));
console.log(await Body.transformToString());
client.destroy();
