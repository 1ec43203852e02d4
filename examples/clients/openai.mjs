// The OpenAI API, or a server that speaks it, in a VRF, with `openai`: it takes a fetch, for streams as well.
//
//   node openai.mjs <vrf> <host> <port>
import OpenAI from 'openai';
import { createVrfFetch } from 'vrf-dial';

const [vrf, host, port] = process.argv.slice(2);

const fetch = createVrfFetch({ vrf });
const client = new OpenAI({ baseURL: `http://${host}:${port}/v1`, apiKey: 'none', fetch });
const stream = await client.chat.completions.create({
  model: 'parrot',
  messages: [{ role: 'user', content: 'hello to you' }],
  stream: true,
});
let text = '';
for await (const { choices } of stream) text += choices[0].delta.content ?? '';
console.log(text);
await fetch.close();
