// R1, F1: other people's tus clients over lines that break at random, against a server that is killed with SIGKILL again and
// again. No acknowledged byte may be missing, no offset may go back, every upload ends with the bytes that were sent.
//
//   node stage.mjs NAME UPLOADS KILLS COMMAND [ARGUMENT…]
//
// The command finds ENDPOINT, TOKENS (one a lane), UPLOADS and SEED in its environment and prints a line of JSON for each upload:
// {id, size, sha256, resumed}, or {complaint}. What it says was sent is compared with what the server keeps.
import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { Server } from '../harness/server.mjs';
import { BreakingLine } from './line.mjs';

const LANES = 6;
const [name, uploadsText, killsText, command, ...rest] = process.argv.slice(2);
const uploads = Number(process.env.UPLOADS ?? uploadsText);
const kills = Number(process.env.KILLS ?? killsText);
// The same seed breaks the lines at the same places.
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const random = mulberry(seed);
const checks = { passed: 0, failed: 0 };

// Without a worker nothing is processed and removed: what arrived is there to be compared.
const server = await Server.make({ flags: ['--role', 'web'] });
const tokens = Array.from({ length: LANES }, () => server.person());
await server.start();
const line = new BreakingLine(server.port, { least: 40_000, most: 900_000, random });
const base = await line.open();

const driver = drive();
const killed = await killUntil(driver);
const said = await driver;
line.close();
await server.stop();

const sent = said.filter((entry) => entry.id);
const complaints = said.filter((entry) => entry.complaint).map((entry) => entry.complaint);
complaints.push(...compare(sent));
server.remove();

const resumed = sent.reduce((sum, entry) => sum + entry.resumed, 0);
console.log(`${name}: ${sent.length} uploads, ${line.breaks} broken lines, ${resumed} resumptions, ${killed} kills, SEED=${seed}`);
check(`all ${uploads} uploads end`, sent.length === uploads);
check('no acknowledged byte is lost and no offset goes back', complaints.length === 0, complaints);
check(`the server was killed ${kills} times`, killed === kills);
check('lines broke and uploads were resumed', line.breaks > uploads / 4 && resumed > uploads / 4);
console.log(`${checks.passed} passed, ${checks.failed} failed`);
process.exit(checks.failed === 0 ? 0 : 1);

async function drive() {
	const env = { ...process.env, ENDPOINT: `${base}/api/uploads`, TOKENS: tokens.join(' '), UPLOADS: String(uploads), SEED: String(seed) };
	const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'], env });
	const entries = [];
	createInterface({ input: child.stdout }).on('line', (text) => entries.push(JSON.parse(text)));
	const code = await new Promise((done) => child.on('close', done));
	if (code !== 0) entries.push({ complaint: `the driver ended with ${code}` });
	return entries;
}

// Kills and restarts while uploads go on; what is left of the kills when they have ended is done all the same.
async function killUntil(end) {
	let ended = false;
	end.then(() => (ended = true));
	let count = 0;
	while (count < kills) {
		await new Promise((wake) => setTimeout(wake, ended ? 0 : 150 + random() * 600));
		await server.kill();
		count++;
		await server.start();
	}
	return count;
}

function compare(entries) {
	const verify = new URL('verify.py', import.meta.url).pathname;
	const input = entries.map((entry) => JSON.stringify(entry)).join('\n');
	return execFileSync('python3', [verify, server.data], { input, encoding: 'utf8' }).split('\n').filter(Boolean);
}

function check(what, holds, why = []) {
	checks[holds ? 'passed' : 'failed']++;
	console.log(`${holds ? 'ok' : 'FAILED'}: ${what}`);
	for (const text of why.slice(0, 10)) console.log(`  ${text}`);
}

function mulberry(state) {
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}
