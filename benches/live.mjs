// A recorder's simulator: slices of generated recordings go into the media child in real time, as a browser hands them over. Printed
// is how long everything takes from Stop (the last slice) to the end of the work, and which plan was chosen, beside the recipes of
// Cap and PeerTube on the same file in the same run; before that, how long a job's start takes.
// BENCH_LIVE_SECONDS (10,60,180), BENCH_LIVE_RUNS (how often the shortest, middle, longest: 5,2,2), BENCH_LIVE_SLICES (1,0.25),
// BENCH_LIVE_KINDS (screen,cam; '' for none), BENCH_LIVE_RECIPES=0 to leave the peers out.
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import { RECIPES, cuts, recording } from './recordings.mjs';
import { close, report, round, section } from './report.mjs';

const BINARY = process.env.BENCH_BINARY ?? new URL('../target/release/twotake', import.meta.url).pathname;
const numbers = (name, otherwise) => (process.env[name] ?? otherwise).split(',').map(Number);
const SECONDS = numbers('BENCH_LIVE_SECONDS', '10,60,180');
const RUNS = numbers('BENCH_LIVE_RUNS', '5,2,2');
const SLICES = numbers('BENCH_LIVE_SLICES', '1,0.25');
const KINDS = (process.env.BENCH_LIVE_KINDS ?? 'screen,cam').split(',').filter(Boolean);
// Length of the recordings that are made at the same time.
const TOGETHER = 60;
const TARGETS = { screen: [0.7, 1.5], cam: [1.0, 2.5] };
const ORDER = ['full', 'light', 'top_first', 'sparse'];

// What the server tells a recording that is alone: whether there is room for another one as well.
const ALONE = { begin: cpus().length < 4 ? 'light' : 'full' };

// One recording, from its first slice to the last file.
async function once(file, slice, task = ALONE) {
	const dir = mkdtempSync(join(tmpdir(), 'twotake-live.'));
	const input = openSync(file, 'r');
	const child = spawn(BINARY, ['media-child', JSON.stringify(task)], { cwd: dir, env: {}, stdio: ['pipe', 'pipe', 'inherit'] });
	const seen = { plan: 'full', lag: 0, settled: 0, first: 0 };
	let outcome;
	const begun = performance.now();
	createInterface({ input: child.stdout }).on('line', (line) => {
		const said = JSON.parse(line);
		if (said.outcome) outcome = said;
		if (said.event === 'playlist' && said.name === 'master.m3u8') seen.first ||= performance.now() - begun;
		if (said.event !== 'progress') return;
		seen.lag = Math.max(seen.lag, said.lag_ms);
		if (performance.now() - begun > 20_000) seen.settled = Math.max(seen.settled, said.lag_ms);
		if (ORDER.indexOf(said.plan) > ORDER.indexOf(seen.plan)) seen.plan = said.plan;
	});
	const ended = new Promise((done) => child.on('close', done));
	let from = 0;
	try {
		for (const { at, until } of await cuts(file, slice, statSync(file).size)) {
			await sleep(Math.max(0, begun + at * 1000 - performance.now()));
			const piece = Buffer.alloc(until - from);
			readSync(input, piece, 0, piece.length, from);
			from = until;
			if (!child.stdin.write(piece)) await new Promise((done) => child.stdin.once('drain', done));
		}
		const stop = performance.now();
		child.stdin.end();
		await ended;
		if (outcome?.outcome !== 'done') throw new Error(`${file}: ${JSON.stringify(outcome)}`);
		return { ...seen, seconds: (performance.now() - stop) / 1000, megabytes: bytes(outcome) / 1e6 };
	} finally {
		closeSync(input);
		rmSync(dir, { recursive: true, force: true });
	}
}

const bytes = (outcome) => outcome.files.reduce((sum, file) => sum + file.bytes, 0);

function percentile(list, share) {
	const sorted = [...list].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
}

async function kind(name) {
	const longest = Math.max(...SECONDS);
	const middle = {};
	for (const slice of SLICES) {
		section(`${name}, slices of ${slice} s: stop → every rendition, MP4, poster, previews, storyboard finished`);
		for (const [n, seconds] of SECONDS.entries()) {
			if (RUNS[n] === 0) continue;
			const file = await recording(name, seconds);
			const runs = [];
			for (let run = 0; run < (RUNS[n] ?? 1); run++) runs.push(await once(file, slice));
			const times = runs.map((run) => run.seconds);
			const plan = ORDER.findLast((plan) => runs.some((run) => run.plan === plan));
			const lag = Math.max(...runs.map((run) => run.lag)) / 1000;
			const about = `plan ${plan}, lag ≤ ${round(lag)} s, watchable at ${round(runs[0].first / 1000)} s, ${runs.length} runs, load ${round(loadavg()[0])}`;
			middle[`${slice}/${seconds}`] = percentile(times, 0.5);
			report(`${name} ${seconds} s, p50`, { value: percentile(times, 0.5), unit: 's', beside: about, most: TARGETS[name][0] });
			report(`${name} ${seconds} s, p95`, { value: percentile(times, 0.95), unit: 's', most: TARGETS[name][1] });
		}
		const ratio = middle[`${slice}/${longest}`] / middle[`${slice}/${Math.min(...SECONDS)}`];
		if (SECONDS.length > 1) report(`${longest} s against ${Math.min(...SECONDS)} s`, { value: ratio, unit: 'times', most: 1.3 });
	}
	await together(name);
	if (process.env.BENCH_LIVE_RECIPES !== '0') await peers(name, longest, Math.max(...SLICES.map((slice) => middle[`${slice}/${longest}`])));
}

// Two people record at the same time on this machine: none of both may fall behind.
async function together(name) {
	const [slice, seconds] = [Math.min(...SLICES), Math.min(TOGETHER, Math.max(...SECONDS))];
	section(`${name}, two recordings of ${seconds} s at once, slices of ${slice} s`);
	const file = await recording(name, seconds);
	// The server tells the second that it has to share.
	const runs = await Promise.all([once(file, slice), once(file, slice, { begin: 'top_first' })]);
	const plan = ORDER.findLast((plan) => runs.some((run) => run.plan === plan));
	const beside = `plan ${plan}, watchable at ${runs.map((run) => round(run.first / 1000)).join(' and ')} s, load ${round(loadavg()[0])}`;
	report('stop → finished, the later of both', { value: Math.max(...runs.map((run) => run.seconds)), unit: 's', beside });
	const worst = (which) => Math.max(...runs.map((run) => run[which])) / 1000;
	report('lag between what arrived and what is encoded', { value: worst('lag'), unit: 's', most: 1.5 });
	report('… after the first 20 s', { value: worst('settled'), unit: 's', most: 1.5 });
}

async function peers(name, seconds, ours) {
	section(`${name}, ${seconds} s: peers begin when the upload has ended`);
	const file = await recording(name, seconds);
	for (const [peer, recipe] of Object.entries(RECIPES)) {
		const dir = mkdtempSync(join(tmpdir(), 'twotake-recipe.'));
		const begun = performance.now();
		await recipe(file, dir);
		const took = (performance.now() - begun) / 1000;
		rmSync(dir, { recursive: true, force: true });
		const beside = `${round(took)} s, load ${round(loadavg()[0])}`;
		report(`${peer}’s recipe`, { value: took / ours, unit: 'times later', beside, least: name === 'screen' ? 100 : undefined });
	}
}

// What a job's start costs: from its task to the first answer, which is that an empty recording is no video. By then the child has
// locked itself in.
async function start(waiting) {
	const dir = mkdtempSync(join(tmpdir(), 'twotake-live.'));
	let begun = performance.now();
	const child = spawn(BINARY, ['media-child', waiting ? 'wait' : '{}'], { cwd: waiting ? '/' : dir, env: {}, stdio: ['pipe', 'pipe', 'inherit'] });
	const said = new Promise((done) => child.stdout.once('data', done));
	const ended = new Promise((done) => child.on('close', done));
	if (waiting) {
		await asleep(child.pid);
		const task = Buffer.from(JSON.stringify({ folder: dir, task: {} }));
		const length = Buffer.alloc(4);
		length.writeUInt32BE(task.length);
		begun = performance.now();
		child.stdin.write(Buffer.concat([length, task]));
	}
	child.stdin.end();
	const answer = JSON.parse(await said);
	const took = (performance.now() - begun) / 1000;
	await ended;
	rmSync(dir, { recursive: true, force: true });
	if (answer.outcome !== 'refused') throw new Error(JSON.stringify(answer));
	return took;
}

// Whoever sleeps for a fifth of a second has nothing left to load.
async function asleep(pid) {
	const used = () => readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ').slice(11, 13).join();
	for (let before; before !== (before = used()); ) await sleep(200);
}

async function starts() {
	section('start of a job: from its task to the first answer of its child');
	for (const waiting of [true, false]) {
		const times = [];
		for (let run = 0; run < 20; run++) times.push(await start(waiting));
		for (const share of [0.5, 0.95]) {
			const most = waiting ? 50 : undefined;
			report(`${waiting ? 'a child that waited' : 'a new child'}, p${share * 100}`, { value: percentile(times, share) * 1000, unit: 'ms', beside: '20 runs', most });
		}
	}
}

console.log(`${cpus().length} cores, ${cpus()[0].model}, load ${round(loadavg()[0])}`);
await starts();
for (const name of KINDS) await kind(name);
close();
