// From the last byte to ready, for a recording of the screen at 1080 lines as a browser makes it, beside the recipes of Cap and
// PeerTube run by the ffmpeg program on the same file in the same run.
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';

import { RECIPES, ffmpeg, recording } from './recordings.mjs';
import { report, round, section } from './report.mjs';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 180);
const SHORT = Math.min(10, SECONDS);

// The recorder hands over a slice so often.
const SLICE = 0.25;

export async function process_(server) {
	const file = await recording('screen', SECONDS);
	const short = await recording('screen', SHORT);
	section(`From the last byte to ready: ${SECONDS} s of screen at 1080 lines (VP8 WebM), all renditions (load average ${round(loadavg()[0])})`);
	const live = { short: await ready(server, short, SHORT), long: await ready(server, file, SECONDS) };
	const whole = await ready(server, file);
	const cap = await timed(() => inFolder((dir) => RECIPES.Cap(file, dir)));
	const peertube = await timed(() => inFolder((dir) => RECIPES.PeerTube(file, dir)));
	report(`sent as it is recorded, in slices of ${SLICE} s`, { value: live.long.seconds, unit: 's', most: 0.7 });
	beside('Cap’s recipe (one MP4)', cap, live.long.seconds, 100);
	beside('PeerTube’s recipe (three heights)', peertube, live.long.seconds, 100);
	report(`… ${SECONDS} s against ${SHORT} s`, {
		value: live.long.seconds / live.short.seconds,
		unit: 'times',
		beside: `${SHORT} s: ${round(live.short.seconds)} s`,
		most: 1.3
	});
	report('sent as a file, as fast as it goes', { value: whole.seconds, unit: 's', beside: `${round(SECONDS / whole.seconds)} times as fast as it plays` });
	beside('Cap’s recipe (one MP4)', cap, whole.seconds);
	beside('PeerTube’s recipe (three heights)', peertube, whole.seconds);
	for (const [seconds, from] of [[SHORT, short], [SECONDS, file]]) {
		for (const [where, flags] of [['in front', ['-movflags', '+faststart']], ['at the back', []]]) {
			const own = await h264(from, seconds, where, flags);
			section(`H.264 upload, index ${where}, ${seconds} s: last byte → first playable (master, playlist, init and first segment answered)`);
			const first = await playable(server, own);
			const copied = await timed(() => capCopy(own));
			report('sent in one PATCH', { value: first, unit: 's', beside: `Cap’s copy path: ${round(copied)} s`, most: 0.5 });
		}
	}
}

// Uploads a file and waits until its picture and sound can be played from the beginning.
async function playable(server, file) {
	const bytes = readFileSync(file);
	const { upload, take } = await server.createUpload(bytes.length, 'screen.mp4');
	await patch(server, upload, 0, bytes);
	const start = performance.now();
	let now = await server.json(take);
	while (!now.watchable) {
		if (now.state === 'refused' || now.state === 'failed') throw new Error(`${now.state}: ${now.code} ${now.detail}`);
		await new Promise((done) => setTimeout(done, 10));
		now = await server.json(take);
	}
	const get = async (url) => {
		const answer = await fetch(new URL(url, server.base), { headers: server.headers });
		if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
		return answer;
	};
	const master = new URL(now.hls_url, server.base);
	const text = await (await get(master)).text();
	const lists = [text.split('\n').find((line) => line.endsWith('.m3u8')), /URI="([^"]+)"/.exec(text)?.[1]].filter(Boolean);
	for (const name of lists) {
		const list = await (await get(new URL(name, master))).text();
		const init = /#EXT-X-MAP:URI="([^"]+)"/.exec(list)[1];
		const segment = list.split('\n').find((line) => line.endsWith('.m4s'));
		for (const piece of [init, segment]) await (await get(new URL(piece, new URL(name, master)))).arrayBuffer();
	}
	const seconds = (performance.now() - start) / 1000;
	// The next measurement finds an idle machine.
	while ((await server.json(take)).state === 'processing') await new Promise((done) => setTimeout(done, 100));
	return seconds;
}

// The same recording as a program makes it that has H.264 in hardware: no pictures out of order, a key every two seconds.
async function h264(from, seconds, where, flags) {
	const file = join(new URL('../target/fixtures/', import.meta.url).pathname, `bench-h264-${seconds}-${where.split(' ')[1]}.mp4`);
	if (existsSync(file)) return file;
	console.log(`(making ${seconds} s of H.264, once)`);
	const code = ['-c:v', 'libx264', '-preset', 'superfast', '-bf', '0', '-g', '60', '-b:v', '4M', '-maxrate', '6M', '-bufsize', '6M'];
	await ffmpeg(['-i', from, ...code, '-pix_fmt', 'yuv420p', '-c:a', 'aac', ...flags, '-f', 'mp4', `${file}.part`]);
	renameSync(`${file}.part`, file);
	return file;
}

function capCopy(input) {
	return inFolder((dir) => ffmpeg(['-i', input, '-c', 'copy', '-movflags', '+faststart', join(dir, 'cap.mp4')]));
}

function beside(name, theirs, ours, least) {
	report(`… beside ${name}`, { value: theirs / ours, unit: 'times sooner', beside: `${round(theirs)} s`, least });
}

// Uploads a file and waits until its take is ready; the clock starts with the answer to the last byte. With `seconds` the bytes come
// as a recorder of that length sends them, else in one PATCH.
export async function ready(server, file, seconds) {
	const bytes = readFileSync(file);
	const { upload, take } = await server.createUpload(bytes.length, 'screen.webm');
	const slices = seconds ? Math.round(seconds / SLICE) : 1;
	const began = performance.now();
	for (let n = 0; n < slices; n++) {
		const wait = seconds ? began + (n + 1) * SLICE * 1000 - performance.now() : 0;
		if (wait > 0) await new Promise((done) => setTimeout(done, wait));
		const at = (part) => Math.round((bytes.length * part) / slices);
		await patch(server, upload, at(n), bytes.subarray(at(n), at(n + 1)));
	}
	const start = performance.now();
	for (;;) {
		const now = await server.json(take);
		if (now.state === 'ready') return { seconds: (performance.now() - start) / 1000, take: now };
		if (now.state === 'refused' || now.state === 'failed') throw new Error(`${now.state}: ${now.code} ${now.detail}`);
		await new Promise((done) => setTimeout(done, 20));
	}
}

async function patch(server, upload, offset, body) {
	const answer = await fetch(new URL(upload, server.base), {
		method: 'PATCH',
		headers: {
			...server.headers,
			'tus-resumable': '1.0.0',
			'upload-offset': String(offset),
			'content-type': 'application/offset+octet-stream'
		},
		body
	});
	if (answer.status !== 204) throw new Error(`PATCH: ${answer.status} ${await answer.text()}`);
}

async function inFolder(work) {
	const dir = mkdtempSync(join(tmpdir(), 'twotake-recipe.'));
	try {
		await work(dir);
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

async function timed(work) {
	const start = performance.now();
	await work();
	return (performance.now() - start) / 1000;
}
