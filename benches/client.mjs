// The requests that measurements make of a release server.
import { RELEASE, Server } from '../tests/harness/server.mjs';

// A running release server with one person's requests.
export async function startServer(...flags) {
	const env = { TWOTAKE_MAX_UPLOAD_BYTES: String(4 * 2 ** 30), TWOTAKE_QUOTA_BYTES: String(64 * 2 ** 30) };
	const server = await Server.make({ binary: RELEASE, flags, env });
	const headers = { authorization: `Bearer ${server.person()}` };
	await server.start();
	return client(server, headers);
}

// The requests of one person to a server that runs.
export function client(server, headers) {
	return Object.assign(server, {
		headers,
		async json(path) {
			const answer = await fetch(new URL(path, server.base), { headers });
			if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
			return answer.json();
		},
		async createUpload(bytes, name = 'bench.webm') {
			const metadata = `filename ${Buffer.from(name).toString('base64')}`;
			const answer = await fetch(`${server.base}/api/uploads`, {
				method: 'POST',
				headers: { ...headers, 'tus-resumable': '1.0.0', 'upload-length': String(bytes), 'upload-metadata': metadata }
			});
			if (answer.status !== 201) throw new Error(`creation: ${answer.status} ${await answer.text()}`);
			return { upload: answer.headers.get('location'), take: answer.headers.get('twotake-take') };
		},
		async close() {
			await server.stop();
			server.remove();
		}
	});
}
