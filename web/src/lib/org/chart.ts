import type { Standing } from '../api/types';

/** One level of the chart as far as it was asked for; `next` when there are more. */
export interface Level { items: Standing[]; next: string | null }
/** A line of the chart: somebody, or the button for more of a level. */
export type ChartRow =
  | { kind: 'person'; id: string; under: string; level: number; standing: Standing; open: boolean }
  | { kind: 'more'; id: string; under: string; level: number };

/** Whoever reports to nobody stands under this. */
export const TOP = '';

/** The lines that are shown, from the top down. Nobody is shown under themselves, whatever the levels say. */
export function rows(levels: ReadonlyMap<string, Level>, open: ReadonlySet<string>): ChartRow[] {
  const walk = (under: string, level: number, above: readonly string[]): ChartRow[] => {
    const found = levels.get(under);
    if (!found) return [];
    const people = found.items.filter((standing) => !above.includes(standing.person.id)).flatMap((standing): ChartRow[] => {
      const id = standing.person.id;
      const shown = open.has(id);
      return [{ kind: 'person', id, under, level, standing, open: shown }, ...(shown ? walk(id, level + 1, [...above, id]) : [])];
    });
    return found.next ? [...people, { kind: 'more', id: `more-${under}`, under, level }] : people;
  };
  return walk(TOP, 1, []);
}

/** What a key does on a line: where the focus goes, or whether the line opens or folds. */
export type Act = { to: string } | { open: string } | { fold: string } | null;

export function act(lines: readonly ChartRow[], id: string, key: string): Act {
  const at = lines.findIndex((line) => line.id === id);
  const line = lines[at];
  if (!line) return null;
  const to = (line: ChartRow | undefined): Act => (line ? { to: line.id } : null);
  const person = line.kind === 'person' ? line : null;
  if (key === 'ArrowDown') return to(lines[at + 1]);
  if (key === 'ArrowUp') return to(lines[at - 1]);
  if (key === 'Home') return to(lines[0]);
  if (key === 'End') return to(lines.at(-1));
  if (key === 'ArrowRight') {
    if (!person || person.standing.reports === 0) return null;
    return person.open ? to(lines[at + 1]) : { open: id };
  }
  if (key === 'ArrowLeft') return person?.open ? { fold: id } : to(lines.find((other) => other.id === line.under));
  return null;
}
