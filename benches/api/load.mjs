// Requests on kept connections, and how long each took from its first byte out to its last byte in: the server's own time and the
// loopback's.
import { Agent, get } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: 8 });

// One answer; `ms` is how long it took.
export function ask(server, role, path) {
	return new Promise((done, fail) => {
		const began = performance.now();
		get(server.base + path, { agent, headers: { authorization: `Bearer tt_bench_${role}` } }, (answer) => {
			const parts = [];
			answer.on('data', (part) => parts.push(part));
			answer.on('end', () => done({ status: answer.statusCode, body: Buffer.concat(parts), ms: performance.now() - began }));
			answer.on('error', fail);
		}).on('error', fail);
	});
}

// Addresses for a route: ids by lot, always the same, and further pages where there are some.
export async function addresses(server, role, pattern) {
	const lot = chance(pattern);
	const pick = (kind) => {
		const ids = server.samples[kind];
		if (!ids) throw new Error(`${pattern}: there is no {${kind}} in the samples`);
		return lot() < 0.1 ? ids.at(-1) : ids[Math.floor(lot() * ids.length)];
	};
	const paths = [];
	for (let at = 0; at < 40; at++) paths.push(pattern.replace(/\{(\w+)\}/g, (_, kind) => pick(kind)));
	const [first] = paths;
	for (let path = first, page = 0; page < 20; page++) {
		const { status, body } = await ask(server, role, path);
		if (status !== 200) throw new Error(`${role} ${path}: ${status} ${body}`);
		// A table in plain text has no pages.
		const { next, items } = body[0] === 0x7b ? JSON.parse(body) : {};
		if (Array.isArray(items) && items.length > 200) throw new Error(`${path}: ${items.length} rows in one page`);
		if (!next) break;
		path = `${first}${first.includes('?') ? '&' : '?'}after=${encodeURIComponent(next)}`;
		paths.push(path);
	}
	return paths;
}

// Asks one after the other, in turn on each server, so that what else the machine does meets all of them alike.
export async function inTurn(servers, role, paths, count) {
	const [times, bytes] = [servers.map(() => []), servers.map(() => [])];
	for (let at = 0; at < count; at++) {
		for (const [number, server] of servers.entries()) {
			const answer = await answered(server, role, paths[number][at % paths[number].length]);
			times[number].push(answer.ms);
			bytes[number].push(answer.body.length);
		}
	}
	return { times, bytes };
}

// Keeps so many requests on their way.
export async function atOnce(server, role, paths, count, width) {
	const times = [];
	let next = 0;
	await Promise.all(Array.from({ length: width }, async () => {
		while (next < count) times.push((await answered(server, role, paths[next++ % paths.length])).ms);
	}));
	return times;
}

async function answered(server, role, path) {
	const answer = await ask(server, role, path);
	if (answer.status !== 200) throw new Error(`${role} ${path}: ${answer.status} ${answer.body}`);
	return answer;
}

export function percentile(times, share) {
	const sorted = [...times].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
}

// Numbers in [0, 1) that look random and are the same for the same text (mulberry32).
function chance(text) {
	let state = [...text].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, 7);
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let word = Math.imul(state ^ (state >>> 15), 1 | state);
		word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
		return ((word ^ (word >>> 14)) >>> 0) / 4294967296;
	};
}
