// What the ladder costs and what it weighs: CPU seconds for each second of media, and bytes at equal likeness (SSIM of the top rung
// against the source), beside one ffmpeg process that splits, and beside PeerTube's recipe. The same for the second pass.
// BENCH_ENCODE_SECONDS (30), BENCH_ENCODE_KINDS (screen,cam).
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { ffmpeg, peertube, recording } from './recordings.mjs';
import { close, report, round, section } from './report.mjs';

const run = promisify(execFile);
const BINARY = process.env.BENCH_BINARY ?? new URL('../target/release/twotake', import.meta.url).pathname;
const SECONDS = Number(process.env.BENCH_ENCODE_SECONDS ?? 30);
const KINDS = (process.env.BENCH_ENCODE_KINDS ?? 'screen,cam').split(',');
const LADDER = [[1080, 6.2], [720, 3.0], [480, 1.5]];

// CPU seconds of a program and what it started.
async function cpu(dir, program, args) {
	const file = join(dir, 'time');
	await run('/usr/bin/time', ['-f', '%U %S', '-o', file, program, ...args], { cwd: dir, maxBuffer: 1 << 26 });
	return readFileSync(file, 'utf8').trim().split(/\s+/).slice(-2).reduce((sum, part) => sum + Number(part), 0);
}

// A recipe with a fixed rate and a grid of its own moves pictures by up to one; each is compared with the one it was made of.
async function likeness(made, source) {
	const [begun, rest] = [['-t', '4'], []];
	const tried = [];
	for (const moved of [-1, 0, 1]) tried.push({ moved, ssim: await compared(made, source, moved, begun) });
	const { moved } = tried.reduce((best, one) => (one.ssim > best.ssim ? one : best));
	return compared(made, source, moved, rest);
}

async function compared(made, source, moved, part) {
	const graph = `[0:v]settb=1/90000[a];[1:v]settb=1/90000,setpts=PTS+${moved * 0.03}/TB[b];[a][b]ssim`;
	const args = ['-nostdin', ...part, '-i', made, ...part, '-i', source, '-lavfi', graph, '-an', '-f', 'null', '-'];
	const { stderr } = await run('ffmpeg', args, { maxBuffer: 1 << 26 });
	return Number(/All:([0-9.]+)/.exec(stderr)[1]);
}

const weight = (dir, wanted) => readdirSync(dir).filter(wanted).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);

async function inFolder(work) {
	const dir = mkdtempSync(join(tmpdir(), 'twotake-encode.'));
	try {
		return await work(dir);
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

async function ours(file, more = []) {
	return inFolder(async (dir) => {
		const out = join(dir, 'out');
		const seconds = await cpu(dir, BINARY, ['media', 'transcode', file, '--out', out, ...more]);
		const pictures = (rung) => weight(out, (name) => new RegExp(`^${rung}-.*\\.m4s$`).test(name));
		return { cpu: seconds, bytes: pictures('\\d+'), top: pictures('1080'), ssim: await likeness(join(out, 'video.mp4'), file) };
	});
}

// The same three sizes with the same settings, by one process of the program.
async function split(file) {
	return inFolder(async (dir) => {
		const graph = '[0:v]split=3[a][b][c];[b]scale=1280:720:flags=bicubic[e];[c]scale=854:480:flags=bicubic[f]';
		const coded = (pad, height, rate) => [
			...['-map', pad, '-c:v', 'libx264', '-preset', 'superfast', '-crf', '23', '-maxrate', `${rate}M`, '-bufsize', `${2 * rate}M`],
			...['-g', '60', '-sc_threshold', '0', '-f', 'mp4', join(dir, `${height}.mp4`)]
		];
		const rates = [['[a]', 1080, 6], ['[e]', 720, 3.3], ['[f]', 480, 1.8]].flatMap((one) => coded(...one));
		const sound = ['-map', '0:a', '-c:a', 'aac', '-b:a', '128k', join(dir, 'sound.m4a')];
		return { cpu: await cpu(dir, 'ffmpeg', ['-v', 'error', '-nostdin', '-y', '-i', file, '-filter_complex', graph, ...rates, ...sound]) };
	});
}

// PeerTube's three files; at other qualities only the bytes and likeness of the top are looked at.
async function peer(file) {
	return inFolder(async (dir) => {
		let seconds = 0;
		for (const [height, rate] of LADDER) {
			const from = height === 1080 ? file : join(dir, '1080.mp4');
			seconds += await cpu(dir, 'ffmpeg', ['-v', 'error', '-nostdin', '-y', ...peertube(from, join(dir, `${height}.mp4`), height, rate)]);
		}
		const curve = [];
		for (const crf of [19, 23, 28, 33]) {
			const out = join(dir, `crf${crf}.mp4`);
			await ffmpeg(peertube(file, out, 1080, 60, ['-crf', String(crf), '-an']));
			curve.push({ crf, bytes: statSync(out).size, ssim: await likeness(out, file) });
		}
		return { cpu: seconds, curve };
	});
}

// The bytes the other needs for that likeness: between two points of its curve, in the logarithm; beyond its ends none.
function bytesAt(curve, ssim) {
	const points = [...curve].sort((a, b) => a.ssim - b.ssim);
	const above = points.findIndex((point) => point.ssim >= ssim);
	if (above < 1) return undefined;
	const [low, high] = [points[above - 1], points[above]];
	const share = (ssim - low.ssim) / (high.ssim - low.ssim);
	return Math.exp(Math.log(low.bytes) * (1 - share) + Math.log(high.bytes) * share);
}

async function kind(name) {
	const file = await recording(name, SECONDS);
	section(`${name}, ${SECONDS} s at 1080 lines: three sizes`);
	const own = await ours(file);
	const [one, other] = [await split(file), await peer(file)];
	const each = (seconds) => `${round(seconds / SECONDS)} CPU s per s`;
	const load = `, load ${round(loadavg()[0])}`;
	report('CPU, everything (with checks, stills, MP4)', { value: own.cpu / SECONDS, unit: 'CPU s per s', beside: `${round((own.bytes * 8) / SECONDS / 1e6)} Mbit/s${load}` });
	report('… against one ffmpeg that splits, same preset', { value: own.cpu / one.cpu, unit: 'times', beside: each(one.cpu), most: 1.05 });
	report('… against PeerTube’s recipe (veryfast)', { value: own.cpu / other.cpu, unit: 'times', beside: each(other.cpu), most: 0.85 });
	atEqualLikeness('bytes of the top at equal SSIM, against PeerTube’s (the second pass is what is held to it)', own, other);

	section(`${name}, ${SECONDS} s: the second pass`);
	const second = await ours(file, ['--fine']);
	atEqualLikeness('bytes of the top at equal SSIM, against PeerTube’s', second, other, 0.95);
	const sizes = `${round(second.bytes / 1e6)} MB against ${round(own.bytes / 1e6)} MB`;
	report('bytes of all three sizes, against the first pass', { value: second.bytes / own.bytes, unit: 'times', beside: sizes, most: 0.9 });
	const veryfast = other.curve.find((point) => point.crf === 23);
	const likenesses = `${second.ssim.toFixed(4)} against ${veryfast.ssim.toFixed(4)}`;
	// A screen is read; what a camera's noise looks like is not held to it.
	const most = name === 'screen' ? 1 : undefined;
	report('what is unlike the source (1 - SSIM), against veryfast CRF 23', { value: (1 - second.ssim) / (1 - veryfast.ssim), unit: 'times', beside: likenesses, most });
	report('CPU, everything', { value: second.cpu / SECONDS, unit: 'CPU s per s', beside: `load ${round(loadavg()[0])}`, most: 4 });
}

function atEqualLikeness(what, ours, other, most) {
	const needed = bytesAt(other.curve, ours.ssim);
	const beside = `SSIM ${ours.ssim.toFixed(4)}, ${round(ours.top / 1e6)} MB against ${needed ? round(needed / 1e6) : '?'} MB`;
	report(what, { value: needed ? ours.top / needed : NaN, unit: 'times', beside, most });
}

console.log(`${cpus().length} cores, ${cpus()[0].model}, load ${round(loadavg()[0])}`);
for (const name of KINDS) await kind(name);
close();
