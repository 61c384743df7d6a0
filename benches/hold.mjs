// F7: an upload is held by a connection that went silent; how long until HEAD tells where it stands.
import { connect } from 'node:net';

import { median, report, section } from './report.mjs';
import { startServer } from './client.mjs';

// A person may have 32 uploads open.
const ROUNDS = 30;
const SIZE = 600_000;
const SENT = 250_000;

export async function hold() {
	section(`HEAD while a dead connection holds the upload (${ROUNDS} uploads)`);
	const server = await startServer('--role', 'web');
	try {
		const taken = [];
		for (let n = 0; n < ROUNDS; n++) {
			const { upload } = await server.createUpload(SIZE);
			const address = new URL(upload, server.base);
			const dead = await silent(server, address);
			const start = performance.now();
			const answer = await fetch(address, { method: 'HEAD', headers: { ...server.headers, 'tus-resumable': '1.0.0' } });
			taken.push((performance.now() - start) / 1000);
			if (answer.status !== 200) throw new Error(`HEAD answered ${answer.status}`);
			dead.destroy();
		}
		report('HEAD, worst', { value: Math.max(...taken), unit: 's', beside: `median ${median(taken).toFixed(3)} s; tusd 6.0 s`, most: 0.2 });
	} finally {
		await server.close();
	}
}

// Announces more than it sends, and then says nothing more. Returns once the kernel has taken what is sent, with time for the
// server to be in the middle of reading it.
async function silent(server, address) {
	const socket = connect(Number(address.port), address.hostname);
	socket.on('error', () => {});
	const head = [
		`PATCH ${address.pathname} HTTP/1.1`,
		`Host: ${address.host}`,
		`Authorization: ${server.headers.authorization}`,
		'Tus-Resumable: 1.0.0',
		'Upload-Offset: 0',
		'Content-Type: application/offset+octet-stream',
		`Content-Length: ${SIZE}`
	].join('\r\n');
	await new Promise((done) => socket.write(`${head}\r\n\r\n`, done));
	await new Promise((done) => socket.write(Buffer.alloc(SENT, 1), done));
	await new Promise((done) => setTimeout(done, 100));
	return socket;
}
