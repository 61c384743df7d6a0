/** Where typed things are kept: the browser's storage, or nothing where it is switched off. */
export interface Shelf { getItem(key: string): string | null; setItem(key: string, value: string): void; removeItem(key: string): void }

const PREFIX = 'kept:';

/** What is typed in a form, until it was sent: a reload, a crash or a closed lid loses nothing of it. Kept in this browser only.
 *
 *   const kept = new Kept<Form>(`${me}:goal:${id}`);   // a shared computer shows nobody another's words
 *   let form = $state({ ...start, ...kept.read() });
 *   $effect(() => kept.write($state.snapshot(form)));   // and kept.forget() once it was sent
 */
export class Kept<T extends object> {
  private readonly key: string;
  private first: string | null = null;

  constructor(name: string, private readonly shelf: Shelf | null = typeof localStorage === 'undefined' ? null : localStorage) {
    this.key = PREFIX + name;
  }

  /** What was typed and not sent; nothing when there is none, or when it cannot be read. */
  read(): Partial<T> {
    try {
      const found: unknown = JSON.parse(this.shelf?.getItem(this.key) ?? 'null');
      return typeof found === 'object' && found !== null ? (found as Partial<T>) : {};
    } catch {
      return {};
    }
  }

  get any(): boolean {
    return Object.keys(this.read()).length > 0;
  }

  /** Keeps it. The first call only remembers what an untouched form looks like: that is nothing to keep. */
  write(value: T): void {
    const text = JSON.stringify(value);
    this.first ??= this.any ? '' : text;
    try {
      if (text === this.first) this.shelf?.removeItem(this.key);
      else this.shelf?.setItem(this.key, text);
    } catch {
      // A full or forbidden storage: the form itself still holds it.
    }
  }

  forget(): void {
    this.first = null;
    this.shelf?.removeItem(this.key);
  }
}
