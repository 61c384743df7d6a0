import { sentence } from '../api/problem';
import { type Match, when } from './changes';

/** Something that is being fetched: its value, or why there is none. The newest question wins. */
export class Loader<T> {
  value = $state<T | null>(null);
  failure = $state<string | null>(null);
  busy = $state(false);
  private turn = 0;
  private ask: (() => Promise<T>) | null = null;

  async run(ask: () => Promise<T>): Promise<void> {
    const turn = (this.turn += 1);
    this.ask = ask;
    this.busy = true;
    this.failure = null;
    try {
      const value = await ask();
      if (turn === this.turn) this.value = value;
    } catch (error) {
      if (turn === this.turn) this.failure = sentence(error);
    } finally {
      if (turn === this.turn) this.busy = false;
    }
  }

  /** Asks the same again. */
  async again(): Promise<void> {
    if (this.ask) await this.run(this.ask);
  }

  /** Asks the same again whenever something that matches has changed, one question at a time. The answer ends it, as an effect does. */
  follow(match: Match): () => void {
    let stale = false;
    return when(match, async () => {
      stale = true;
      while (stale && !this.busy) {
        stale = false;
        await this.again();
      }
    });
  }
}

/** Something a person asked for by a button: one at a time, with the sentence and the fields when it failed. */
export class Action {
  busy = $state(false);
  failure = $state<string | null>(null);
  fields = $state<Readonly<Record<string, string>>>({});

  /** Runs it; the answer is whether it worked. */
  async run(act: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.failure = null;
    this.fields = {};
    try {
      await act();
      return true;
    } catch (error) {
      this.failure = sentence(error);
      this.fields = fieldsOf(error);
      return false;
    } finally {
      this.busy = false;
    }
  }
}

function fieldsOf(error: unknown): Readonly<Record<string, string>> {
  return typeof error === 'object' && error !== null && 'fields' in error ? (error.fields as Record<string, string>) : {};
}
