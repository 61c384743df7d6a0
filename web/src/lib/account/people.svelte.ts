import { api } from '../api/client';
import type { Page, Person } from '../api/types';

/** Everyone in the organisation, asked for once (and again when somebody was changed). */
class People {
  items = $state<Person[]>([]);
  private asked: Promise<void> | null = null;

  ensure(): Promise<void> {
    this.asked ??= this.refresh();
    return this.asked;
  }

  async refresh(): Promise<void> {
    const items: Person[] = [];
    for (let after: string | null = null, turn = 0; turn < 20; turn += 1) {
      const page: Page<Person> = await api.get<Page<Person>>('/api/people', { limit: 100, after });
      items.push(...page.items);
      after = page.next;
      if (!after) break;
    }
    this.items = items;
  }
}

export const people = new People();
