// From the last byte to ready for a long file that comes at once, when its parts may be made by others and when not: on one node, on
// one that is told to have twice its cores, and on two. Beside it what sharing costs: the CPU seconds of all nodes and their children.
// All nodes are on this machine, so only what its own cores have to spare can make anything sooner; hence the last two ways, which give
// each node one core and no other: what a second machine adds.
// BENCH_SHARE_SECONDS (60), BENCH_SHARE_RUNS (3), BENCH_SHARE_KIND (screen).
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';

import { Server } from '../tests/harness/server.mjs';
import { client } from './client.mjs';
import { ready } from './process.mjs';
import { recording } from './recordings.mjs';
import { close, heading, median, report, round, section } from './report.mjs';

const BINARY = process.env.BENCH_BINARY ?? new URL('../target/release/twotake', import.meta.url).pathname;
const SECONDS = Number(process.env.BENCH_SHARE_SECONDS ?? 60);
const RUNS = Number(process.env.BENCH_SHARE_RUNS ?? 3);
const KIND = process.env.BENCH_SHARE_KIND ?? 'screen';
const SHARED = ['--share-from-s', '40'];
// Ticks of the kernel's clock in a second.
const TICKS = 100;

// CPU seconds of a process and of all its children that have ended.
function used(server) {
	const fields = readFileSync(`/proc/${server.process.pid}/stat`, 'utf8').split(') ')[1].split(' ');
	return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS;
}

// The first node makes the folder; the second has one of its own and shares database and store.
async function nodes(count, flags, apart) {
	const first = await Server.make({ binary: BINARY, flags, core: apart ? 0 : undefined });
	const headers = { authorization: `Bearer ${first.person()}` };
	await first.start();
	const all = [first];
	while (all.length < count) {
		const shared = ['--database', `sqlite:${join(first.data, 'twotake.db')}`, '--store', `file:${join(first.data, 'store')}`];
		const other = await Server.make({ binary: BINARY, flags: [...flags, ...shared], core: apart ? all.length : undefined });
		await other.start();
		all.push(other);
	}
	return { all, asked: client(first, headers) };
}

async function once(count, flags, file, apart) {
	const { all, asked } = await nodes(count, flags, apart);
	try {
		const before = all.reduce((sum, server) => sum + used(server), 0);
		const { seconds } = await ready(asked, file);
		return { seconds, cpu: all.reduce((sum, server) => sum + used(server), 0) - before };
	} finally {
		for (const server of all) await server.stop();
		for (const server of all) server.remove();
	}
}

const file = await recording(KIND, SECONDS);
const cores = cpus().length;
const ways = [
	['one node, nothing is shared', 1, ['--share-from-s', '0']],
	['one node', 1, SHARED],
	[`one node that is told to have ${2 * cores} cores`, 1, [...SHARED, '--media-cores', String(2 * cores)]],
	['two nodes', 2, SHARED],
	['one node of one core', 1, ['--share-from-s', '0'], true],
	['two nodes of one core each', 2, SHARED, true]
];
console.log(`${cores} cores, ${cpus()[0].model}; load average ${loadavg().map(round).join(', ')} at the start`);
heading();
section(`${KIND}, ${SECONDS} s, sent as a file: last byte → ready, ${RUNS} runs in alternating order, median`);
const runs = ways.map(() => []);
for (let run = 0; run < RUNS; run++) {
	for (const [at, [, count, flags, apart]] of ways.entries()) runs[at].push(await once(count, flags, file, apart));
}
const of = (at, what) => median(runs[at].map((run) => run[what]));
for (const [at, [name]] of ways.entries()) {
	const all = runs[at].map((run) => round(run.seconds)).join(', ');
	const cpu = `${round(of(at, 'cpu'))} CPU s (${round(of(at, 'cpu') / of(0, 'cpu'))} times)`;
	report(name, { value: of(at, 'seconds'), unit: 's', beside: `${all}; ${cpu}` });
}
report('one node against nothing shared', { value: of(1, 'seconds') / of(0, 'seconds'), unit: 'times', most: 1.1 });
report('two nodes on this machine against nothing shared', { value: of(3, 'seconds') / of(0, 'seconds'), unit: 'times', most: 1.1 });
report('two nodes of one core each against one', { value: of(5, 'seconds') / of(4, 'seconds'), unit: 'times', most: 0.7 });
console.log(`\nload average ${loadavg().map(round).join(', ')} at the end`);
close();
