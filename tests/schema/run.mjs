// Schemathesis asks every operation of the description, as an administrator of a throw-away server, for what nobody thought of: no
// answer may be a 5xx, of another content type than described, or of another shape. The same seed asks the same.
// EXAMPLES requests an operation, SECONDS at most; SEED for others; ONLY a pattern of paths.
import { spawn } from 'node:child_process';

import { Server } from '../harness/server.mjs';

const { EXAMPLES = '12', SECONDS = '130', SEED = '20261128', ONLY } = process.env;
// Streams do not end by themselves, and a session that ends is no longer asked as anybody.
const OUT = ['/events$', '^/api/session$'];
const CHECKS = ['not_a_server_error', 'status_code_conformance', 'content_type_conformance', 'response_schema_conformance'];

const here = new URL('.', import.meta.url).pathname;

const server = await Server.make({ flags: ['--role', 'web'] });
const token = server.person();
await server.start();
const code = await new Promise((done) => {
	const args = [
		'--config-file', `${here}schemathesis.toml`, 'run', `${server.base}/api/openapi.json`, '--header', `Authorization: Bearer ${token}`, '--checks', CHECKS.join(','),
		'--phases', 'examples,coverage,fuzzing', '--max-examples', EXAMPLES, '--max-time', SECONDS, '--seed', SEED, '--workers', '1',
		'--generation-database', 'none', '--request-timeout', '10', '--continue-on-failure', '--warnings', 'off', '--suppress-health-check', 'all', '--no-color',
		...(ONLY ? ['--include-path-regex', ONLY] : []), ...OUT.flatMap((path) => ['--exclude-path-regex', path])
	];
	spawn('schemathesis', args, { cwd: server.data, env: { ...process.env, PYTHONPATH: here, SCHEMATHESIS_HOOKS: 'hooks' }, stdio: ['ignore', 'inherit', 'inherit'] }).on('exit', done).on('error', (error) => done(String(error)));
});
// The server must have outlived it.
const lives = await fetch(`${server.base}/health/live`).then((answer) => answer.ok, () => false);
await server.stop();
server.remove();
const passed = (code === 0 ? 1 : 0) + (lives ? 1 : 0);
console.log(`${passed} passed, ${2 - passed} failed`);
process.exit(passed === 2 ? 0 : 1);
