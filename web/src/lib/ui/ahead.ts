/** Keeps what is typed for a field that is not there yet, so that no letter is lost and none is taken for a shortcut. */
export class Ahead {
  #text = '';

  constructor() {
    window.addEventListener('keydown', this.#press, true);
  }

  /** The field is there: it gets the focus, and what was typed for it. */
  give(field: HTMLInputElement): void {
    this.stop();
    field.focus();
    if (!this.#text) return;
    field.setRangeText(this.#text, field.value.length, field.value.length, 'end');
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }

  /** Nothing is expected any more. */
  stop(): void {
    window.removeEventListener('keydown', this.#press, true);
  }

  #press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const text = after(this.#text, event.key);
    if (text === null) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.#text = text;
  };
}

/** What a field that held `text` holds after a key; null when the key is none that writes. */
export function after(text: string, key: string): string | null {
  if (key === 'Backspace') return [...text].slice(0, -1).join('');
  return [...key].length === 1 ? text + key : null;
}
