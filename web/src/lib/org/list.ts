import type { BatchLine } from '../api/types';

/** A cell as spreadsheets read it. What begins like a formula is kept from being one. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The links of a list as a list again: name, address, link, until when. */
export function linksOf(lines: readonly BatchLine[]): string {
  const made = lines.filter((line) => line.url).map((line) => [line.name, line.email, line.url ?? '', line.expires_at?.slice(0, 10) ?? '']);
  return [['name', 'email', 'link', 'until'], ...made].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

/** How many lines of a list stand how. */
export function counted(lines: readonly BatchLine[]): Record<BatchLine['state'], number> {
  const found = { new: 0, invited: 0, here: 0, wrong: 0 };
  for (const line of lines) found[line.state] += 1;
  return found;
}

export const EXAMPLE = 'name,email,title,manager,unit,role,time_zone\nBo Berg,bo@example.com,Engineer,ada@example.com,Platform,member,Europe/Oslo\n';
