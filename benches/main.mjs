// Measures the release binary beside its peers. Every number stands in one line with its target and verdict; falling short is told,
// not an error.
import { cpus } from 'node:os';

import { hold } from './hold.mjs';
import { process_ } from './process.mjs';
import { close } from './report.mjs';
import { serve } from './serve.mjs';
import { startServer } from './client.mjs';
import { upload } from './upload.mjs';

const only = process.env.BENCH_ONLY?.split(',');
const wanted = (part) => !only || only.includes(part);

console.log(`${cpus().length} cores, ${cpus()[0].model}`);
if (wanted('upload')) await upload();
if (wanted('hold')) await hold();
if (wanted('process') || wanted('serve')) {
	const server = await startServer();
	try {
		const take = await process_(server);
		if (wanted('serve')) await serve(server, take);
	} finally {
		await server.close();
	}
}
close();
