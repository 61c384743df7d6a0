import { execFileSync } from 'node:child_process';

import { extract } from '@extractus/oembed-extractor';
import scrape from 'open-graph-scraper';
import { unfurl } from 'unfurl.js';

import { stage, TITLE } from './stage.mjs';

const checks = { passed: 0, failed: 0 };
async function check(sentence, test) {
  try {
    await test();
    checks.passed += 1;
    console.log(`ok      ${sentence}`);
  } catch (error) {
    checks.failed += 1;
    console.log(`FAILED  ${sentence}: ${error.message}`);
  }
}
function same(what, got, wanted) {
  if (JSON.stringify(got) !== JSON.stringify(wanted)) throw new Error(`${what} is ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`);
}
/** Nothing a reader found may hold what is only for members. */
function silent(found) {
  const text = JSON.stringify(found);
  for (const word of ['Calibration', 'Person 1', '/media/', 'video/mp4']) if (text.includes(word)) throw new Error(`it tells ${word}: ${text}`);
}

const at = await stage();
try {
  await check('unfurl.js finds title, one playable file and the player', async () => {
    const found = await unfurl(at.open);
    same('title', found.open_graph.title, TITLE);
    same('videos', found.open_graph.videos.length, 1);
    const [video] = found.open_graph.videos;
    same('type', video.type, 'video/mp4');
    same('player', found.twitter_card.players[0].url, at.embed);
    same('oembed', [found.oEmbed.type, found.oEmbed.title, found.oEmbed.author_name], ['video', TITLE, 'Person 1']);
    const head = await fetch(video.url, { method: 'HEAD' });
    same('HEAD of the file', [head.status, head.headers.get('content-type'), head.headers.get('set-cookie')], [200, 'video/mp4', null]);
    const part = await fetch(video.url, { headers: { range: 'bytes=0-11' } });
    same('a range of the file', [part.status, Buffer.from(await part.arrayBuffer()).subarray(4, 8).toString()], [206, 'ftyp']);
  });
  await check('open-graph-scraper finds a picture as large as is said', async () => {
    const { result } = await scrape({ url: at.open });
    same('title', result.ogTitle, TITLE);
    same('videos', result.ogVideo.length, 1);
    same('type', result.ogType, 'video.other');
    const [image] = result.ogImage;
    const bytes = Buffer.from(await (await fetch(image.url)).arrayBuffer());
    same('its first bytes', bytes.subarray(0, 3).toString('hex'), 'ffd8ff');
    same('its size', sizeOf(bytes), [Number(image.width), Number(image.height)]);
    if (image.width < 1280) throw new Error(`it is only ${image.width} wide`);
  });
  await check('oembed-extractor discovers the answer and gets a frame within its maxima', async () => {
    const found = await extract(at.open, { maxwidth: 400, maxheight: 711 });
    same('frame', [found.width, found.height], [400, 225]);
    same('type', [found.type, found.thumbnail_width <= 400], ['video', true]);
    const bytes = Buffer.from(await (await fetch(found.thumbnail_url)).arrayBuffer());
    same('size of its thumbnail', sizeOf(bytes), [found.thumbnail_width, found.thumbnail_height]);
  });
  for (const [name, url] of [['for members', at.members], ['with a password', at.locked], ['that has ended', at.ended]]) {
    await check(`no reader learns anything from a page ${name}`, async () => {
      const readers = [() => unfurl(url), () => scrape({ url }).catch((refused) => refused.result), () => extract(url)];
      for (const read of readers) silent(await read().catch((refused) => String(refused.message ?? refused)));
    });
  }
  await check('pyoembed and micawber read the same in Python', async () => {
    const said = execFileSync('python', ['read.py', at.base, at.open, at.members, at.ended], { encoding: 'utf8', timeout: 120_000 });
    const found = JSON.parse(said);
    same('pyoembed', found.pyoembed, ['video', TITLE, 320, 180]);
    same('pyoembed, XML', found.xml, ['video', TITLE]);
    same('micawber', found.micawber, ['video', TITLE, 400]);
    same('refusals', found.refused, ['members', 'ended']);
  });
} finally {
  await at.server.stop();
  at.server.remove();
}
console.log(`${checks.passed} passed, ${checks.failed} failed`);
process.exit(checks.failed === 0 ? 0 : 1);

/** Width and height in a JPEG's frame header. */
function sizeOf(bytes) {
  for (let place = 2; place < bytes.length; ) {
    const marker = bytes[place + 1];
    if (marker >= 0xc0 && marker <= 0xc2) return [bytes.readUInt16BE(place + 7), bytes.readUInt16BE(place + 5)];
    place += 2 + bytes.readUInt16BE(place + 2);
  }
  throw new Error('no size in the picture');
}
