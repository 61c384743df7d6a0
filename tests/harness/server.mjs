// A server for suites and measurements that run outside of Rust: a folder of its own, people with tokens, made by the program's
// own commands. The binary is the debug one unless TWOTAKE_BINARY names another.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const DEBUG = process.env.TWOTAKE_BINARY ?? new URL('../../target/debug/twotake', import.meta.url).pathname;
export const RELEASE = new URL('../../target/release/twotake', import.meta.url).pathname;

export class Server {
	// Makes the folder; `start` starts the process, again and again if need be, always on the same port. With `core` it and its
	// children have that one core to themselves and know of no other: a machine of one core.
	static async make({ binary = DEBUG, flags = [], env = {}, core } = {}) {
		const server = new Server();
		Object.assign(server, { binary, flags, core, env: { ...process.env, ...env }, data: mkdtempSync(join(tmpdir(), 'twotake-server.')) });
		server.port = await freePort();
		server.base = `http://127.0.0.1:${server.port}`;
		server.people = 0;
		return server;
	}

	// A person of their own, the first an administrator; returns the token.
	person() {
		const email = `person${this.people}@example.com`;
		const role = this.people++ === 0 ? ['--admin'] : [];
		const at = ['--data', this.data];
		execFileSync(this.binary, ['user', 'add', email, '--name', `Person ${this.people}`, ...role, '--password-stdin', ...at], {
			input: 'correct horse battery\n',
			stdio: ['pipe', 'ignore', 'inherit']
		});
		return execFileSync(this.binary, ['token', 'create', email, '--name', 'suite', ...at], { encoding: 'utf8' }).trim();
	}

	async start() {
		this.started = performance.now();
		const args = ['serve', '--data', this.data, '--listen', `127.0.0.1:${this.port}`, '--log', 'warn', '--second-pass', 'false', ...this.flags];
		const [program, ...before] = this.core === undefined ? [this.binary] : ['taskset', '--cpu-list', String(this.core), this.binary];
		this.process = spawn(program, [...before, ...args], { stdio: ['ignore', 'pipe', 'inherit'], env: this.env });
		this.ended = new Promise((done) => this.process.on('exit', done));
		await new Promise((listening, fail) => {
			let said = '';
			this.process.stdout.on('data', (bytes) => {
				said += bytes;
				if (said.includes('listening on http')) listening();
			});
			this.process.on('exit', (code, signal) => fail(new Error(`the server ended with ${code ?? signal}: ${said}`)));
		});
	}

	// As a crash would: no notice, no last words.
	async kill() {
		this.process.kill('SIGKILL');
		await this.ended;
	}

	async stop() {
		this.process.kill('SIGTERM');
		await this.ended;
	}

	remove() {
		rmSync(this.data, { recursive: true, force: true });
	}

	// Resident memory now, at its highest since forgetPeak, and in proportion to who shares it, in MB.
	memory() {
		const told = ['status', 'smaps_rollup'].map((name) => readFileSync(`/proc/${this.process.pid}/${name}`, 'utf8')).join('');
		const read = (key) => Number(told.match(new RegExp(`${key}:\\s+(\\d+) kB`))[1]) / 1024;
		return { now: read('VmRSS'), peak: read('VmHWM'), proportional: read('Pss') };
	}

	forgetPeak() {
		writeFileSync(`/proc/${this.process.pid}/clear_refs`, '5');
	}
}

export function freePort() {
	return new Promise((done) => {
		const probe = createServer().listen(0, '127.0.0.1', () => {
			const { port } = probe.address();
			probe.close(() => done(port));
		});
	});
}
