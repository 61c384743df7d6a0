// A line that breaks: hands bytes between client and server and cuts the connection after a random number of them.
import { connect, createServer } from 'node:net';

import { freePort } from '../harness/server.mjs';

export class BreakingLine {
	// Every connection lives for between `least` and `most` bytes from the client.
	constructor(target, { least, most, random }) {
		Object.assign(this, { target, least, most, random, breaks: 0 });
	}

	async open() {
		this.port = await freePort();
		this.server = createServer((client) => this.#carry(client));
		await new Promise((done) => this.server.listen(this.port, '127.0.0.1', done));
		return `http://127.0.0.1:${this.port}`;
	}

	close() {
		this.server.close();
	}

	#carry(client) {
		const server = connect(this.target, '127.0.0.1');
		let left = this.least + Math.floor(this.random() * (this.most - this.least));
		const cut = () => {
			client.destroy();
			server.destroy();
		};
		client.on('data', (bytes) => {
			if (bytes.length >= left) {
				// What came before the break still goes through, so that part of a request arrives.
				this.breaks++;
				server.write(bytes.subarray(0, left), cut);
				left = 0;
				return;
			}
			left -= bytes.length;
			if (!server.write(bytes)) {
				client.pause();
				server.once('drain', () => client.resume());
			}
		});
		server.on('data', (bytes) => client.write(bytes));
		for (const side of [client, server]) {
			side.on('error', cut);
			side.on('close', cut);
		}
	}
}
