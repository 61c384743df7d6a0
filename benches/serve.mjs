// Playlist and segment requests each second beside nginx with sendfile on the same bytes, by wrk, in alternating rounds: through each
// of the three doors, since each asks for the right in its own way.
import { execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { freePort } from '../tests/harness/server.mjs';
import { ready } from './process.mjs';
import { recording } from './recordings.mjs';
import { median, report, round, section } from './report.mjs';

const run = promisify(execFile);
const ROUNDS = 3;
const LOAD = ['-t2', '-c32', '-d3s'];
// Long enough for a file of more than a megabyte.
const SECONDS = 30;

export async function serve(server) {
	const { take } = await ready(server, await recording('screen', SECONDS));
	section(`Requests a second beside nginx with sendfile (wrk ${LOAD.join(' ')}, kept connections; load average ${round(loadavg()[0])})`);
	const doors = await doorsOf(server, take);
	const subjects = await subjectsOf(server, take);
	const nginx = await startNginx(subjects);
	try {
		for (const subject of subjects) await compare(doors, nginx, subject);
	} finally {
		await nginx.stop();
	}
}

// In each round nginx and every door have their turn, so that what else the machine does meets all of them.
async function compare(doors, nginx, subject) {
	const theirs = [];
	const ours = doors.map(() => []);
	for (let at = 0; at < ROUNDS; at++) {
		theirs.push(await wrk(`${nginx.base}/${subject.name}`, subject.headers, subject));
		for (const [number, door] of doors.entries()) {
			ours[number].push(await wrk(door.base + subject.file, { ...door.headers, ...subject.headers }, subject));
		}
	}
	for (const [number, door] of doors.entries()) {
		report(`${subject.what}, ${door.name}`, {
			value: median(ours[number]) / median(theirs),
			unit: 'of nginx',
			beside: `${round(median(ours[number]))} requests/s beside ${round(median(theirs))}`,
			least: subject.least
		});
	}
}

// The same folder of files, as somebody signed in, a player in a frame and a preview elsewhere reach it.
async function doorsOf(server, take) {
	const folder = new URL('.', new URL(take.hls_url, server.base)).href;
	const answer = await fetch(`${server.base}/api/recordings/${take.recording}/share-links`, {
		method: 'POST',
		headers: { ...server.headers, 'content-type': 'application/json' },
		body: JSON.stringify({ audience: 'link' })
	});
	if (answer.status !== 201) throw new Error(`share link: ${answer.status} ${await answer.text()}`);
	const word = (await answer.json()).url.split('/').pop();
	const page = await (await fetch(`${server.base}/embed/${word}`)).text();
	const tokened = page.match(/\/media\/~[\w-]+\/[\w-]+\/[\w-]+\/[\w-]+\//)?.[0];
	if (!tokened) throw new Error('the embed page names no playback token');
	return [
		{ name: 'session', base: folder, headers: server.headers },
		{ name: 'playback token', base: server.base + tokened, headers: {} },
		{ name: 'share link', base: `${server.base}/media/s/${word}/`, headers: {} }
	];
}

async function subjectsOf(server, take) {
	const fetchBytes = async (url) => {
		const answer = await fetch(url, { headers: server.headers });
		if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
		return Buffer.from(await answer.arrayBuffer());
	};
	const lines = (bytes) => String(bytes).split('\n').filter((line) => line && !line.startsWith('#'));
	const masterUrl = new URL(take.hls_url, server.base).href;
	let segment;
	const variants = lines(await fetchBytes(masterUrl));
	const playlist = await fetchBytes(new URL(variants[0], masterUrl));
	for (const variant of variants) {
		for (const file of lines(await fetchBytes(new URL(variant, masterUrl))).slice(0, 20)) {
			const bytes = await fetchBytes(new URL(file, masterUrl));
			const far = Math.abs(bytes.length - 200_000);
			if (!segment || far < segment.far) segment = { file, bytes, far };
		}
	}
	const video = await fetchBytes(new URL(take.mp4_url, server.base));
	const part = Math.min(video.length, 1_000_000);
	return [
		{ what: `playlist of ${playlist.length} bytes`, name: 'playlist.m3u8', file: variants[0], bytes: playlist, least: 0.6, status: 200, headers: {} },
		{ what: `segment of ${round(segment.bytes.length / 1000)} kB`, name: 'segment.m4s', file: segment.file, bytes: segment.bytes, least: 0.8, status: 200, headers: {} },
		{
			what: `${round(part / 1000)} kB of the MP4`,
			name: 'video.mp4',
			file: new URL(take.mp4_url, server.base).pathname.split('/').pop(),
			bytes: video,
			least: 0.95,
			status: 206,
			headers: { range: `bytes=0-${part - 1}` }
		}
	];
}

async function wrk(url, headers, { status }) {
	const check = await fetch(url, { headers });
	if (check.status !== status) throw new Error(`${url}: ${check.status}`);
	await check.arrayBuffer();
	const given = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
	const { stdout } = await run('wrk', [...LOAD, ...given, url]);
	if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${url}: ${stdout}`);
	return Number(stdout.match(/Requests\/sec:\s+([\d.]+)/)[1]);
}

async function startNginx(subjects) {
	const dir = mkdtempSync(join(tmpdir(), 'twotake-nginx.'));
	chmodSync(dir, 0o755);
	mkdirSync(join(dir, 'root'));
	for (const { name, bytes } of subjects) writeFileSync(join(dir, 'root', name), bytes);
	const port = await freePort();
	const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${dir}/${kind};`).join('\n');
	writeFileSync(
		join(dir, 'nginx.conf'),
		`worker_processes auto; daemon off; pid ${dir}/pid; error_log ${dir}/error.log;
events { worker_connections 256; }
http { access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 1000000; default_type application/octet-stream;
${places}
server { listen 127.0.0.1:${port}; root ${dir}/root; } }`
	);
	const program = existsSync('/usr/sbin/nginx') ? '/usr/sbin/nginx' : 'nginx';
	const child = spawn(program, ['-c', join(dir, 'nginx.conf')], { stdio: 'ignore' });
	const base = `http://127.0.0.1:${port}`;
	for (let at = 0; ; at++) {
		const up = await fetch(`${base}/playlist.m3u8`).then((a) => a.ok, () => false);
		if (up) break;
		if (at > 100) throw new Error('nginx did not start');
		await new Promise((done) => setTimeout(done, 50));
	}
	return {
		base,
		async stop() {
			child.kill('SIGTERM');
			await new Promise((done) => child.on('exit', done));
			rmSync(dir, { recursive: true, force: true });
		}
	};
}
