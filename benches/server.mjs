// A release server of the measurement's own: a fresh folder, an administrator with a token, memory read from /proc.
import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const BINARY = new URL('../target/release/twotake', import.meta.url).pathname;

export async function startServer(...flags) {
	const data = mkdtempSync(join(tmpdir(), 'twotake-bench.'));
	const at = ['--data', data];
	execFileSync(BINARY, ['user', 'add', 'bench@example.com', '--name', 'Bench', '--admin', '--password-stdin', ...at], {
		input: 'a long enough password\n',
		stdio: ['pipe', 'ignore', 'inherit']
	});
	const token = execFileSync(BINARY, ['token', 'create', 'bench@example.com', '--name', 'bench', ...at], { encoding: 'utf8' }).trim();
	const started = performance.now();
	const process_ = spawn(BINARY, ['serve', ...at, '--listen', '127.0.0.1:0', '--log', 'warn', ...flags], {
		stdio: ['ignore', 'pipe', 'inherit'],
		env: { ...process.env, TWOTAKE_MAX_UPLOAD_BYTES: String(4 * 2 ** 30), TWOTAKE_QUOTA_BYTES: String(64 * 2 ** 30) }
	});
	const base = await new Promise((done, fail) => {
		let said = '';
		process_.stdout.on('data', (bytes) => {
			said += bytes;
			const line = said.match(/listening on (http:\S+)/);
			if (line) done(line[1]);
		});
		process_.on('exit', (code) => fail(new Error(`the server ended with ${code}: ${said}`)));
	});
	const authorization = `Bearer ${token}`;
	return {
		base,
		data,
		token,
		started,
		pid: process_.pid,
		headers: { authorization },
		async json(path) {
			const answer = await fetch(new URL(path, base), { headers: { authorization } });
			if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
			return answer.json();
		},
		async createUpload(bytes, name = 'bench.webm') {
			const answer = await fetch(`${base}/api/uploads`, {
				method: 'POST',
				headers: {
					authorization,
					'tus-resumable': '1.0.0',
					'upload-length': String(bytes),
					'upload-metadata': `filename ${Buffer.from(name).toString('base64')}`
				}
			});
			if (answer.status !== 201) throw new Error(`creation: ${answer.status} ${await answer.text()}`);
			return { upload: answer.headers.get('location'), take: answer.headers.get('twotake-take') };
		},
		memory: () => memory(process_.pid),
		forgetPeak: () => writeFileSync(`/proc/${process_.pid}/clear_refs`, '5'),
		async stop() {
			process_.removeAllListeners('exit');
			process_.kill('SIGTERM');
			await new Promise((done) => process_.on('exit', done));
			rmSync(data, { recursive: true, force: true });
		}
	};
}

// Resident memory now and at its highest since forgetPeak, in MB.
function memory(pid) {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	const read = (key) => Number(status.match(new RegExp(`${key}:\\s+(\\d+) kB`))[1]) / 1024;
	return { now: read('VmRSS'), peak: read('VmHWM') };
}
