// Drives tus-js-client; see ../stage.mjs for what is read and printed.
import { createHash, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../web/package.json', import.meta.url));
const tus = require('tus-js-client');

const tokens = process.env.TOKENS.split(' ');
const uploads = Number(process.env.UPLOADS);
const say = (entry) => console.log(JSON.stringify(entry));

await Promise.all(tokens.map((token, lane) => drive(token, lane)));

// One person's share of the uploads, one after another.
async function drive(token, lane) {
	for (let at = lane; at < uploads; at += tokens.length) {
		const bytes = randomBytes(200_000 + Math.floor(Math.random() * 1_800_000));
		try {
			say(await upload(bytes, token));
		} catch (error) {
			say({ complaint: `upload ${at}: ${error.message}` });
		}
	}
}

function upload(bytes, token) {
	return new Promise((resolve, reject) => {
		let acknowledged = 0;
		let resumed = 0;
		const client = new tus.Upload(bytes, {
			endpoint: process.env.ENDPOINT,
			headers: { Authorization: `Bearer ${token}` },
			metadata: { filename: 'fault.webm' },
			chunkSize: 150_000 + Math.floor(Math.random() * 500_000),
			retryDelays: Array(1000).fill(60),
			storeFingerprintForResuming: false,
			onAfterResponse: (request, answer) => {
				const offset = Number(answer.getHeader('Upload-Offset') ?? NaN);
				if (Number.isNaN(offset) || answer.getStatus() >= 300) return;
				if (request.getMethod() === 'HEAD') resumed++;
				if (offset < acknowledged) say({ complaint: `${client.url}: ${offset} after ${acknowledged} was acknowledged` });
				acknowledged = Math.max(acknowledged, offset);
			},
			onShouldRetry: () => true,
			onError: reject,
			onSuccess: () => {
				const id = new URL(client.url).pathname.split('/').pop();
				resolve({ id, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), resumed });
			}
		});
		client.start();
	});
}
