// A server with one recording that is ready, a link anybody may open, a link with a password, and one that has ended.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Server } from '../../harness/server.mjs';

export const TITLE = 'Calibration is down to "31" minutes & falling';

/** Four seconds of 640x360. */
function video() {
  const folder = mkdtempSync(join(tmpdir(), 'twotake-readers.'));
  const path = join(folder, 'update.mp4');
  const input = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30:duration=4', '-f', 'lavfi', '-i', 'sine=frequency=440:duration=4'];
  const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-shortest'];
  execFileSync('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...input, ...codec, path]);
  const bytes = readFileSync(path);
  rmSync(folder, { recursive: true });
  return bytes;
}

export async function stage() {
  const server = await Server.make();
  const token = server.person();
  await server.start();
  const ask = async (path, { method = 'GET', headers = {}, ...rest } = {}) => {
    const url = path.startsWith('http') ? path : server.base + path;
    const answer = await fetch(url, { method, headers: { authorization: `Bearer ${token}`, ...headers }, ...rest });
    if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  const post = async (path, body) => (await ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).json();

  const bytes = video();
  const metadata = `filename ${btoa('update.mp4')},title ${Buffer.from(TITLE).toString('base64')}`;
  const tus = { 'tus-resumable': '1.0.0' };
  const made = await ask('/api/uploads', { method: 'POST', headers: { ...tus, 'upload-length': String(bytes.length), 'upload-metadata': metadata } });
  const part = { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' };
  await ask(made.headers.get('location'), { method: 'PATCH', headers: part, body: bytes });

  const until = Date.now() + 240_000;
  let take;
  do {
    await new Promise((done) => setTimeout(done, 300));
    take = await (await ask(made.headers.get('twotake-take'))).json();
    if (['refused', 'failed'].includes(take.state)) throw new Error(`the take was ${take.state}: ${take.detail}`);
  } while (take.state !== 'ready' && Date.now() < until);
  if (take.state !== 'ready') throw new Error('the take was not ready in four minutes');

  const links = `/api/recordings/${take.recording}/share-links`;
  const link = (more) => post(links, { audience: 'link', ...more });
  const caption = (language, text) => ask(`/api/recordings/${take.recording}/captions/${language}`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ text }) });
  const open = await link({});
  const locked = await link({ password: 'three baths and a probe' });
  const ended = await link({});
  await ask(`/api/share-links/${ended.id}`, { method: 'DELETE' });
  return { server, link, caption, base: server.base, open: open.url, embed: open.embed_url, locked: locked.url, ended: ended.url, members: take.watch_url };
}
