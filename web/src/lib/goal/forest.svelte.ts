import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { api } from '../api/client';
import { sentence } from '../api/problem';
import type { Goal, Page } from '../api/types';
import { rows, worthOpening } from './tree';

/** How many rows are opened at once on arrival. Whatever lies deeper opens by hand. */
const ROOM = 160;
const FOLDED = 'goals-folded';

export type Query = Record<string, string | boolean | null>;

/** The goals of the page: those at the top, and level by level those under them. The newest question wins. */
export class Forest {
  tops = $state.raw<Goal[] | null>(null);
  next = $state<string | null>(null);
  busy = $state(false);
  failure = $state<string | null>(null);
  private readonly under = new SvelteMap<string, Goal[]>();
  private readonly open = new SvelteSet<string>();
  private readonly folded = new Set<string>(remembered());
  private query: Query = {};
  private turn = 0;

  readonly rows = $derived(rows(this.tops ?? [], this.under, (id) => this.open.has(id)));

  isOpen(id: string): boolean {
    return this.open.has(id);
  }

  /** Asks for what the filters say; a list is a tree of which nothing is opened. */
  async load(query: Query, keep = false): Promise<void> {
    const turn = (this.turn += 1);
    const byHand = keep ? [...this.open].map((id) => [id, this.under.get(id)] as const) : [];
    this.query = query;
    this.busy = true;
    this.failure = null;
    try {
      const page = await api.get<Page<Goal>>('/api/goals', { ...query, limit: 100 });
      const levels = query.tops ? await this.levels(page.items) : new Map<string, Goal[]>();
      if (turn !== this.turn) return;
      this.under.clear();
      this.open.clear();
      for (const [id, goals] of levels) {
        this.under.set(id, goals);
        this.open.add(id);
      }
      for (const [id, goals] of byHand) {
        if (levels.has(id) || !goals) continue;
        this.under.set(id, goals);
        this.open.add(id);
      }
      this.tops = page.items;
      this.next = page.next;
    } catch (error) {
      if (turn === this.turn) this.failure = sentence(error);
    } finally {
      if (turn === this.turn) this.busy = false;
    }
  }

  again = (): Promise<void> => this.load(this.query);

  /** The same again under the eyes of somebody: what is open stays open. Whoever has read on beyond the first page is left alone. */
  refresh = async (): Promise<void> => {
    if (this.tops !== null && this.tops.length <= 100 && !this.busy) await this.load(this.query, true);
  };

  async more(): Promise<void> {
    const turn = this.turn;
    const page = await api.get<Page<Goal>>('/api/goals', { ...this.query, limit: 100, after: this.next });
    if (turn !== this.turn) return;
    this.tops = [...(this.tops ?? []), ...page.items];
    this.next = page.next;
  }

  async toggle(id: string): Promise<void> {
    if (this.open.has(id)) {
      this.open.delete(id);
      this.folded.add(id);
    } else {
      if (!this.under.has(id)) this.under.set(id, await api.all<Goal>('/api/goals', { parent: id }));
      this.open.add(id);
      this.folded.delete(id);
    }
    sessionStorage.setItem(FOLDED, JSON.stringify([...this.folded].slice(-500)));
  }

  /** The levels that are open on arrival, a request for each, while there is room. */
  private async levels(level: Goal[]): Promise<Map<string, Goal[]>> {
    const found = new Map<string, Goal[]>();
    for (let room = ROOM - level.length, depth = 0; depth < 4; depth += 1) {
      const opening = worthOpening(level, (id) => this.folded.has(id), room);
      if (opening.length === 0) break;
      const goals = await api.all<Goal>('/api/goals', { parent: opening.map((goal) => goal.id).join(',') });
      for (const goal of opening) found.set(goal.id, goals.filter((one) => one.parent?.id === goal.id));
      room -= goals.length;
      level = goals;
    }
    return found;
  }
}

function remembered(): string[] {
  try {
    const ids: unknown = JSON.parse(sessionStorage.getItem(FOLDED) ?? '[]');
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}
