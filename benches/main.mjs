// Measures the release binary beside its peers. Every number stands in one line with its target and verdict; falling short is told,
// not an error.
import { cpus, loadavg } from 'node:os';

import { hold } from './hold.mjs';
import { process_ } from './process.mjs';
import { close, heading, round } from './report.mjs';
import { serve } from './serve.mjs';
import { startServer } from './client.mjs';
import { upload } from './upload.mjs';

const only = process.env.BENCH_ONLY?.split(',');
const wanted = (part) => !only || only.includes(part);

console.log(`${cpus().length} cores, ${cpus()[0].model}; load average ${loadavg().map(round).join(', ')} at the start`);
heading();
if (wanted('upload')) await upload();
if (wanted('hold')) await hold();
for (const [part, measure] of Object.entries({ serve, process: process_ })) {
	if (!wanted(part)) continue;
	const server = await startServer();
	try {
		await measure(server);
	} finally {
		await server.close();
	}
}
console.log(`\nload average ${loadavg().map(round).join(', ')} at the end`);
close();
