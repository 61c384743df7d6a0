// Recordings as a browser makes them (VP8 and Opus in WebM, 1080 lines, 30 pictures a second, no length in the header), made once by
// ffmpeg: the screen (text that scrolls, a window that changes, a bubble with a moving face) and a camera (everything moves, heavy
// noise of the sensor). Longer ones repeat half a minute.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const DIR = new URL('../target/fixtures/', import.meta.url).pathname;
const BASE = 30;

export async function ffmpeg(args) {
	return run('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args], { maxBuffer: 1 << 26 });
}

export async function recording(kind, seconds) {
	const file = join(DIR, `bench-${kind}-${seconds}.webm`);
	if (existsSync(file)) return file;
	mkdirSync(DIR, { recursive: true });
	const part = `${file}.part`;
	if (seconds === BASE) {
		console.log(`(making ${seconds} s of ${kind}, once)`);
		await ffmpeg([
			...['-filter_complex', kind === 'screen' ? screen() : camera(), '-f', 'lavfi', '-i', `aevalsrc=exprs=0.2*sin(2*PI*(200+20*mod(t\\,7))*t)*(0.6+0.4*sin(9*t)):s=48000`],
			...['-map', '[v]', '-map', '0:a', '-t', String(seconds), '-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '12', '-threads', '2'],
			...['-b:v', kind === 'screen' ? '2500k' : '4000k', '-g', '100', '-c:a', 'libopus', '-b:a', '96k', '-live', '1', '-f', 'webm', part]
		]);
	} else {
		const base = await recording(kind, BASE);
		const times = Math.ceil(seconds / BASE) - 1;
		await ffmpeg(['-stream_loop', String(times), '-i', base, '-t', String(seconds), '-c', 'copy', '-live', '1', '-f', 'webm', part]);
	}
	renameSync(part, file);
	return file;
}

// Lines like those of a program, longer than the screen.
function text(name, seed) {
	const words = ['let', 'answer', 'of', 'the', 'record', 'segment', 'returns', 'when', '=>', '(key)', '{ at:', 'picture', '+= 1;', 'if', 'none', 'await', '"ready"'];
	let state = seed;
	const next = (most) => (state = (state * 48271) % 2147483647) % most;
	const lines = Array.from({ length: 400 }, (_, n) => {
		const indent = ' '.repeat(2 * next(6));
		return `${String(n + 1).padStart(3)}  ${indent}${Array.from({ length: 4 + next(9) }, () => words[next(words.length)]).join(' ')}`;
	});
	const file = join(DIR, name);
	writeFileSync(file, lines.join('\n'));
	return file;
}

function screen() {
	const font = 'fontfile=/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf:fontsize=22:line_spacing=6';
	const [dark, light] = [text('dark.txt', 7), text('light.txt', 11)];
	return [
		`color=0x1e1e2e:size=1920x1080:rate=30,drawtext=${font}:textfile=${dark}:fontcolor=0xcdd6f4:x=60:y='40-90*max(0\\,mod(t\\,10)-2)'[dark]`,
		`color=white:size=1920x1080:rate=30,drawtext=${font}:textfile=${light}:fontcolor=0x202020:x=200:y='30-240*floor(mod(t\\,10)/2)'[light]`,
		"[dark][light]overlay=enable='gte(mod(t,20),10)'[page]",
		'testsrc2=size=360x202:rate=30,noise=alls=8:allf=t[bubble]',
		'[page][bubble]overlay=W-w-40:H-h-40,format=yuv420p[v]'
	].join(';');
}

function camera() {
	return [
		'testsrc2=size=2304x1296:rate=30,gblur=sigma=2[wide]',
		"[wide]crop=1920:1080:x='192+180*sin(t*1.3)':y='108+100*cos(t*0.9)',noise=alls=22:allf=t,format=yuv420p[v]"
	].join(';');
}

// Where a recorder that hands over a slice of so many seconds cuts the file: offsets of bytes, the last is its end.
export async function cuts(file, slice, size) {
	const words = ['-v', 'error', '-show_entries', 'packet=pts_time,pos', '-of', 'csv=p=0', file];
	const { stdout } = await run('ffprobe', words, { maxBuffer: 1 << 26 });
	const all = [];
	let due = slice;
	for (const line of stdout.split('\n')) {
		const [time, place] = line.split(',').map(Number);
		if (Number.isFinite(place) && time >= due) {
			all.push({ at: due, until: place });
			while (due <= time) due += slice;
		}
	}
	return [...all, { at: due, until: size }];
}

export const RECIPES = {
	// One MP4.
	Cap: (input, dir) =>
		ffmpeg([
			...['-threads', '2', '-i', input, '-c:v', 'libx264', '-preset', 'medium', '-crf', '23', '-vf'],
			"scale='min(1920,iw)':'min(1080,ih)':force_original_aspect_ratio=decrease,scale=trunc(iw/2)*2:trunc(ih/2)*2",
			...['-pix_fmt', 'yuv420p', '-level:v', '4.2', '-c:a', 'aac', '-b:a', '128k', '-movflags', '+faststart', join(dir, 'cap.mp4')]
		]),
	// Three heights, one after the other, the lower ones from the first.
	async PeerTube(input, dir) {
		let from = input;
		for (const [height, rate] of [[1080, 6.2], [720, 3.0], [480, 1.5]]) {
			const out = join(dir, `${height}.mp4`);
			await ffmpeg(peertube(from, out, height, rate));
			if (height === 1080) from = out;
		}
	}
};

export function peertube(from, out, height, rate, crf = []) {
	return [
		...['-i', from, '-acodec', 'aac', '-vcodec', 'libx264', '-f', 'mp4', '-movflags', 'faststart', '-max_muxing_queue_size', '1024'],
		...['-map_metadata', '-1', '-pix_fmt', 'yuv420p', '-threads', '1', '-vf', `scale=w=-2:h=${height}`, '-preset', 'veryfast', ...crf],
		...['-maxrate:v', `${rate}M`, '-bufsize:v', `${2 * rate}M`, '-b_strategy', '1', '-bf', '16', '-r', '30', '-g:v', '60'],
		...['-channel_layout', 'stereo', '-b:a', '256k', out]
	];
}
