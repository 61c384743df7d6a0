// A recording of ten minutes is sent slowly, by other people's clients and by our own. Each must be refused before its last byte,
// must find the problem document in its own error (too_long, with the measured length), and must not go on sending.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { freePort, Server } from '../../harness/server.mjs';

const require = createRequire(new URL('../../../web/package.json', import.meta.url));
const tus = require('tus-js-client');
const checks = { passed: 0, failed: 0 };

const server = await Server.make();
const token = server.person();
await server.start();
const file = join(server.data, 'long.webm');
const picture = 'testsrc2=size=320x180:rate=5:duration=600';
execFileSync('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', picture, '-c:v', 'libvpx', '-deadline', 'realtime',
	'-cpu-used', '16', '-b:v', '120k', '-live', '1', file]);
const size = statSync(file).size;
const piece = Math.ceil(size / 120);

stopped('tus-js-client', await javascript());
stopped('tuspy', await python());
command(await ours());
await server.stop();
server.remove();
rmSync(file, { force: true });
console.log(`${checks.passed} passed, ${checks.failed} failed`);
process.exit(checks.failed === 0 ? 0 : 1);

// What a client sent, and the error it ended with.
function javascript() {
	return new Promise((resolve) => {
		let sent = 0;
		const bytes = readFileSync(file);
		const client = new tus.Upload(slowly(bytes), {
			endpoint: `${server.base}/api/uploads`,
			headers: { Authorization: `Bearer ${token}` },
			metadata: { filename: 'long.webm' },
			chunkSize: piece,
			uploadSize: bytes.length,
			retryDelays: [50, 50, 50],
			storeFingerprintForResuming: false,
			onProgress: (now) => (sent = Math.max(sent, now)),
			onError: (error) =>
				resolve({ sent, status: error.originalResponse?.getStatus(), problem: parsed(error.originalResponse?.getBody()) }),
			onSuccess: () => resolve({ sent, problem: null })
		});
		client.start();
	});
}

function slowly(bytes) {
	return Readable.from(
		(async function* () {
			for (let at = 0; at < bytes.length; at += piece) {
				await new Promise((wake) => setTimeout(wake, 100));
				yield bytes.subarray(at, at + piece);
			}
		})(),
		{ objectMode: false }
	);
}

async function python() {
	const driver = new URL('driver.py', import.meta.url).pathname;
	const env = { ...process.env, ENDPOINT: `${server.base}/api/uploads`, TOKEN: token, FILE: file, PIECE: String(piece) };
	const { out } = await run('python', [driver], env);
	const said = JSON.parse(out);
	return { ...said, problem: parsed(said.body) };
}

// Our own sends as fast as it can: through a line that is slow.
async function ours() {
	const line = await slowLine();
	const args = ['upload', file, '--server', line.base, '--json'];
	const done = await run(server.binary, args, { ...process.env, TWOTAKE_TOKEN: token });
	line.close();
	return { ...done, sent: line.sent() };
}

async function slowLine() {
	const port = await freePort();
	let sent = 0;
	const listener = createServer((near) => {
		const far = connect(server.port, '127.0.0.1');
		near.on('data', (bytes) => {
			sent += bytes.length;
			near.pause();
			far.write(bytes);
			setTimeout(() => near.resume(), (bytes.length / piece) * 100);
		});
		far.on('data', (bytes) => near.write(bytes));
		for (const [one, other] of [[near, far], [far, near]]) {
			one.on('error', () => other.destroy());
			one.on('close', () => other.destroy());
		}
	});
	await new Promise((done) => listener.listen(port, '127.0.0.1', done));
	return { base: `http://127.0.0.1:${port}`, close: () => listener.close(), sent: () => sent };
}

function run(program, args, env) {
	return new Promise((resolve) => {
		const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
		let [out, said] = ['', ''];
		child.stdout.on('data', (text) => (out += text));
		child.stderr.on('data', (text) => (said += text));
		child.on('close', (code) => resolve({ code, out, said }));
	});
}

function parsed(text) {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}

function stopped(name, { sent, status, problem }) {
	const told = JSON.stringify({ sent, size, status, problem });
	check(`${name} finds the problem document in its error`, status === 422 && problem?.code === 'too_long', told);
	check(`${name} is told the measured length`, problem?.measured_ms > 180_500 && problem?.measured_ms < 601_000, told);
	check(`${name} stopped in the middle`, sent > 0 && sent < size * 0.9, told);
}

function command({ code, out, said, sent }) {
	const told = JSON.stringify({ code, out, said: said.slice(-500), sent, size });
	const answer = parsed(out);
	check('twotake upload ends with exit code 2', code === 2, told);
	check('twotake upload says the code in JSON', out.includes('too_long') && answer !== null, told);
	check('twotake upload says a sentence', /three minutes|3:00|180/.test(said + out), told);
	check('twotake upload stopped in the middle', sent < size * 0.9, told);
}

function check(what, holds, told) {
	checks[holds ? 'passed' : 'failed']++;
	console.log(`${holds ? 'ok' : 'FAILED'}: ${what}`);
	if (!holds) console.log(`  ${told}`);
}
