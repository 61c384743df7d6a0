import { api } from '../api/client';
import type { Person } from '../api/types';

/** Everyone in the organisation, asked for once (and again when somebody was changed). */
class People {
  items = $state<Person[]>([]);
  private asked: Promise<void> | null = null;

  ensure(): Promise<void> {
    this.asked ??= this.refresh();
    return this.asked;
  }

  async refresh(): Promise<void> {
    this.items = await api.all<Person>('/api/people');
  }
}

export const people = new People();
