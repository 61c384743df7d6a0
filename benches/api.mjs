// `make bench-api`: every list and detail of the API for a company of 500 people, 5,000 goals, 50,000 check-ins and 100,000 comments, on
// SQLite and on PostgreSQL, beside the same server with a tenth of it. Times are a client's on the loopback, so the server's are below.
// BENCH_ONLY names databases, BENCH_ROUTES a pattern of addresses, BENCH_COUNT requests a route; TWOTAKE_BINARY another binary.
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

import { RELEASE } from '../tests/harness/server.mjs';
import { addresses, atOnce, inTurn, percentile } from './api/load.mjs';
import { LEFT_OUT, ROUTES } from './api/routes.mjs';
import { startCompany, startPostgres } from './api/stage.mjs';

const MOST_MS = 20;
const MOST_GROWTH = 1.3;
// Requests before what counts: PostgreSQL makes a plan of its own for the first five runs of a statement on each of its connections.
const WARM = 60;
// Below it a difference is the machine's, not the data's.
const NOTICED_MS = 1;
const count = Number(process.env.BENCH_COUNT ?? 200);
const wanted = new RegExp(process.env.BENCH_ROUTES ?? '');
// At once: as many as there are cores, and more than that, which says how long the queue becomes and is not judged.
const [together, crowded] = [cpus().length, 8];
const databases = process.env.BENCH_ONLY?.split(',') ?? ['sqlite', 'postgres'];
const binary = process.env.TWOTAKE_BINARY ?? RELEASE;
// Bytes of an answer beyond which it says more than the other.
const SAME_SIZE = 1.2;
const verdicts = [];
const mean = (list) => list.reduce((sum, one) => sum + one, 0) / list.length;
const ms = (n) => n.toFixed(n < 10 ? 2 : 1).padStart(7);

console.log(`${cpus().length} cores, ${cpus()[0].model}; load average ${loadavg().map((n) => n.toFixed(1)).join(', ')}; ${count} requests a route`);
const postgres = databases.includes('postgres') ? await startPostgres() : null;
const running = new Set();
// Whoever interrupts leaves no server behind.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop().finally(() => process.exit(130)));
try {
	for (const kind of databases) await measure(kind);
} finally {
	await stop();
}
tellUnmeasured();
console.log('\n* the answer is longer than that of a tenth, whose pages are not full: growth is not judged');
console.log(`load average ${loadavg().map((n) => n.toFixed(1)).join(', ')} at the end`);
console.log(`${verdicts.filter((one) => one).length} pass, ${verdicts.filter((one) => !one).length} fall short`);

async function measure(kind) {
	const servers = [];
	for (const size of ['tenth', 'whole']) {
		servers.push(await startCompany({ binary, kind, size, postgres }));
		running.add(servers.at(-1));
	}
	const { rows } = servers[1].samples;
	console.log(`\n${kind}: ${rows.person + 1} people, ${rows.goal} goals, ${rows.check_in} check-ins, ${rows.comment} comments; ms, one at a time, ${together} and ${crowded} at once`);
	const column = (width) => `${width}:p50   ${width}:p99`;
	console.log(`${'route'.padEnd(60)}    p50     p99   ${column(together)}   ${column(crowded)}  p50 of a tenth, growth`);
	for (const [role, pattern] of ROUTES) if (wanted.test(pattern)) await route(servers, role, pattern);
	for (const server of servers) {
		await server.close();
		running.delete(server);
	}
}

async function stop() {
	for (const server of running) await server.close();
	running.clear();
	postgres?.stop();
}

async function route(servers, role, pattern) {
	const paths = await Promise.all(servers.map((server) => addresses(server, role, pattern)));
	await inTurn(servers, role, paths, WARM);
	const { times: [tenth, whole], bytes } = await inTurn(servers, role, paths, count);
	const busy = await atOnce(servers[1], role, paths[1], count * 2, together);
	const crowd = await atOnce(servers[1], role, paths[1], count * 2, crowded);
	const [half, most] = [percentile(whole, 0.5), percentile(whole, 0.99)];
	const before = percentile(tenth, 0.5);
	const growth = Math.max(half, NOTICED_MS) / Math.max(before, NOTICED_MS);
	// A page that a tenth of the data does not fill says more once it is full: its time is then no growth of the data's.
	const fuller = mean(bytes[1]) > SAME_SIZE * mean(bytes[0]);
	const short = [most > MOST_MS && 'p99', percentile(busy, 0.99) > MOST_MS && `p99 of ${together}`, !fuller && growth > MOST_GROWTH && 'growth'].filter(Boolean);
	verdicts.push(short.length === 0);
	const told = short.length ? `falls short: ${short.join(', ')}` : 'pass';
	console.log(`${`${role.padEnd(8)}${pattern}`.padEnd(60)}${ms(half)} ${ms(most)} ${[busy, crowd].map((times) => `${ms(percentile(times, 0.5))} ${ms(percentile(times, 0.99))}`).join(' ')} ${ms(before)}  ${growth.toFixed(2)}${fuller ? '*' : ' '} ${told}`);
}

// Routes of the description that no line of the table asks for.
function tellUnmeasured() {
	const { paths } = JSON.parse(readFileSync(new URL('../docs/openapi.json', import.meta.url)));
	const shape = (path) => path.replace(/\?.*/, '').replace(/\{\w+\}/g, '{}');
	const asked = new Set(ROUTES.map(([, pattern]) => shape(pattern)));
	const under = ['goals', 'check-ins', 'posts', 'recordings'];
	const open = Object.keys(paths).filter((path) => paths[path].get && !LEFT_OUT.some((one) => one.test(path)))
		.filter((path) => !(path.includes('{subject}') ? under.map((one) => path.replace('{subject}', one)) : [path]).every((one) => asked.has(shape(one))));
	if (open.length) {
		console.log(`\nnot measured, a line in benches/api/routes.mjs is missing: ${open.join(', ')}`);
		verdicts.push(false);
	}
}
