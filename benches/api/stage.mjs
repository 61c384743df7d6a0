// Databases with a company inside, kept in target/bench-api from run to run, and servers on them. PostgreSQL is a cluster of our own with
// the settings it comes with: what is measured waits for the disk as in earnest.
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { freePort, Server } from '../../tests/harness/server.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const place = join(root, 'target/bench-api');
// People, goals, check-ins, comments.
const SIZES = { whole: [500, 5000, 50_000, 100_000], tenth: [50, 500, 5000, 10_000] };

// A cluster; `database` makes an empty one, once.
export async function startPostgres() {
	const [bin, data, port] = [binaries(), join(place, 'postgres'), await freePort()];
	if (!existsSync(join(data, 'PG_VERSION'))) {
		mkdirSync(data, { recursive: true });
		if (isRoot) execFileSync('chown', ['postgres', data]);
		asPostgres(join(bin, 'initdb'), '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C');
	}
	asPostgres(join(bin, 'pg_ctl'), '-D', data, '-l', join(data, 'log'), '-w', '-o', `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=`, 'start');
	const url = (name) => `postgres://postgres@127.0.0.1:${port}/${name}`;
	const ask = (sql) => execFileSync('psql', ['--quiet', '-At', url('postgres'), '-c', sql], { encoding: 'utf8' }).trim();
	return {
		url,
		make: (name) => ask(`drop database if exists ${name} with (force)`) + ask(`create database ${name}`),
		stop: () => asPostgres(join(bin, 'pg_ctl'), '-D', data, '-m', 'fast', '-w', 'stop')
	};
}

// A server on a company of that size, which is made unless it is there: the same program, seed and day make the same one.
export async function startCompany({ binary, kind, size, postgres }) {
	const name = `${kind}_${size}`;
	const server = await Server.make({ binary });
	rmSync(server.data, { recursive: true });
	server.data = join(place, name);
	const samples = join(place, `${name}.json`);
	const database = kind === 'postgres' ? postgres.url(name) : join(server.data, 'twotake.db');
	if (kind === 'postgres') server.flags.push('--database', database);
	const mark = `${recipe()} ${new Date().toISOString().slice(0, 10)}`;
	const there = existsSync(`${samples}.mark`) && readFileSync(`${samples}.mark`, 'utf8') === mark;
	if (!there) await seed({ server, kind, size, name, samples, database, postgres, mark });
	else await server.start();
	return Object.assign(server, { samples: JSON.parse(readFileSync(samples, 'utf8')), close: () => server.stop() });
}

// Leaves the server running that has filled the index of the search.
async function seed({ server, kind, size, name, samples, database, postgres, mark }) {
	const began = performance.now();
	for (const gone of [server.data, samples, `${samples}.mark`]) rmSync(gone, { recursive: true, force: true });
	mkdirSync(server.data, { recursive: true });
	if (kind === 'postgres') postgres.make(name);
	const at = ['--data', server.data, ...server.flags];
	execFileSync(server.binary, ['user', 'add', 'admin@example.com', '--name', 'Ada Byron', '--admin', '--password-stdin', ...at], { input: 'correct horse battery\n', stdio: ['pipe', 'ignore', 'inherit'] });
	execFileSync('python3', [join(root, 'benches/api/seed.py'), database, samples, ...SIZES[size].map(String)], { stdio: ['ignore', 'inherit', 'inherit'] });
	const seeded = performance.now();
	await server.start();
	await promisify(execFile)('python3', [join(root, 'benches/api/filled.py'), database]);
	writeFileSync(`${samples}.mark`, mark);
	const seconds = (from, until) => ((until - from) / 1000).toFixed(0);
	console.log(`${name} made in ${seconds(began, seeded)} s, its index of the search filled in ${seconds(seeded, performance.now())} s`);
}

// What the data depends on, besides the day.
function recipe() {
	const sum = createHash('sha256');
	for (const folder of ['migrations/sqlite', 'migrations/postgres', 'benches/api'])
		for (const file of readdirSync(join(root, folder)).filter((one) => /\.(sql|py)$/.test(one)).sort()) sum.update(readFileSync(join(root, folder, file)));
	return sum.digest('hex');
}

// PostgreSQL refuses to run as root.
const isRoot = process.getuid() === 0;
function asPostgres(...command) {
	const [program, ...args] = isRoot ? ['runuser', '-u', 'postgres', '--', ...command] : command;
	const done = spawnSync(program, args, { cwd: '/tmp', stdio: ['ignore', 'ignore', 'inherit'] });
	if (done.status !== 0) throw new Error(`${command[0]} ended with ${done.status}`);
}

function binaries() {
	const own = '/usr/lib/postgresql';
	const versions = existsSync(own) ? readdirSync(own).sort((a, b) => a - b) : [];
	if (versions.length === 0) throw new Error('PostgreSQL is not installed: make tools');
	return join(own, versions.at(-1), 'bin');
}
