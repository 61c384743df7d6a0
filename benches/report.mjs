// What is printed: one line a number, with its ratio and its verdict.
const rows = [];

// `least` or `most` is the target of `value`; what it was compared with is told beside.
export function report(name, { value, unit = '', beside = '', least, most }) {
	const met = least !== undefined ? value >= least : most !== undefined ? value <= most : undefined;
	const target = least !== undefined ? `at least ${least}` : most !== undefined ? `at most ${most}` : '';
	const verdict = met === undefined ? '' : met ? 'pass' : 'falls short';
	rows.push(verdict);
	console.log([name.padEnd(52), `${round(value)} ${unit}`.padEnd(14), beside.padEnd(58), target.padEnd(14), verdict].join(' ').trimEnd());
}

// The head of the table.
export function heading() {
	console.log(['what'.padEnd(52), 'measured'.padEnd(14), 'beside'.padEnd(58), 'target'.padEnd(14), 'verdict'].join(' '));
}

export const round = (n) => (n >= 100 ? n.toFixed(0) : n >= 10 ? n.toFixed(1) : n.toFixed(2));
export const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
export const section = (title) => console.log(`\n${title}`);

export function close() {
	const count = (word) => rows.filter((row) => row === word).length;
	console.log(`\n${count('pass')} pass, ${count('falls short')} fall short`);
}
