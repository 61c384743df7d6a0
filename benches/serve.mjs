// Playlist and segment requests each second beside nginx with sendfile on the same bytes, by wrk, in alternating rounds.
import { execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { freePort } from '../tests/harness/server.mjs';
import { median, report, round, section } from './report.mjs';

const run = promisify(execFile);
const ROUNDS = 3;

export async function serve(server, take) {
	section('Requests a second beside nginx with sendfile (wrk, 2 threads, 32 connections)');
	const subjects = await subjectsOf(server, take);
	const nginx = await startNginx(subjects);
	try {
		for (const subject of subjects) {
			const ours = [];
			const theirs = [];
			for (let at = 0; at < ROUNDS; at++) {
				ours.push(await wrk(subject.url, { ...server.headers, ...subject.headers }, subject.status));
				theirs.push(await wrk(`${nginx.base}/${subject.name}`, subject.headers, subject.status));
			}
			report(subject.what, {
				value: median(ours) / median(theirs),
				unit: 'of nginx',
				beside: `${round(median(ours))} requests/s beside ${round(median(theirs))}`,
				least: subject.least
			});
		}
	} finally {
		await nginx.stop();
	}
}

async function subjectsOf(server, take) {
	const fetchBytes = async (url) => {
		const answer = await fetch(url, { headers: server.headers });
		if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
		return Buffer.from(await answer.arrayBuffer());
	};
	const lines = (bytes) => String(bytes).split('\n').filter((line) => line && !line.startsWith('#'));
	const masterUrl = new URL(take.hls_url, server.base).href;
	const variantUrl = new URL(lines(await fetchBytes(masterUrl))[0], masterUrl).href;
	const variant = await fetchBytes(variantUrl);
	let segment;
	for (const name of lines(variant).slice(0, 20)) {
		const url = new URL(name, variantUrl).href;
		const bytes = await fetchBytes(url);
		const far = Math.abs(bytes.length - 200_000);
		if (!segment || far < segment.far) segment = { url, bytes, far };
	}
	const videoUrl = new URL(take.mp4_url, server.base).href;
	const video = await fetchBytes(videoUrl);
	const part = Math.min(video.length, 1_000_000);
	return [
		{ what: `playlist of ${variant.length} bytes`, name: 'playlist.m3u8', url: variantUrl, bytes: variant, least: 0.6, status: 200, headers: {} },
		{ what: `segment of ${round(segment.bytes.length / 1000)} kB`, name: 'segment.m4s', url: segment.url, bytes: segment.bytes, least: 0.8, status: 200, headers: {} },
		{
			what: `${round(part / 1000)} kB of the MP4 by range`,
			name: 'video.mp4',
			url: videoUrl,
			bytes: video,
			least: 0.95,
			status: 206,
			headers: { range: `bytes=0-${part - 1}` }
		}
	];
}

async function wrk(url, headers, status) {
	const check = await fetch(url, { headers });
	if (check.status !== status) throw new Error(`${url}: ${check.status}`);
	await check.arrayBuffer();
	const given = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
	const { stdout } = await run('wrk', ['-t2', '-c32', '-d4s', ...given, url]);
	if (/Non-2xx/.test(stdout)) throw new Error(`${url}: ${stdout}`);
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
