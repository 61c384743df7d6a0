// Builds the player element alone into dist/player (its own Vite configuration lies in player/).
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const web = fileURLToPath(new URL('..', import.meta.url));
execFileSync('npx', ['vite', 'build', '--config', 'player/vite.config.ts', '--logLevel', 'warn'], { cwd: web, stdio: 'inherit' });
