/** One short message at a time, for four seconds, never for an error. */
class Toast {
  text = $state<string | null>(null);
  undo = $state<(() => void) | null>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;

  say(text: string, undo: (() => void) | null = null): void {
    clearTimeout(this.timer);
    this.text = text;
    this.undo = undo;
    this.timer = setTimeout(() => this.clear(), 4000);
  }

  clear(): void {
    clearTimeout(this.timer);
    this.text = null;
    this.undo = null;
  }
}

export const toast = new Toast();

/** Puts text on the clipboard and says so. */
export async function copy(text: string, said = 'Link copied'): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast.say(said);
  } catch {
    toast.say('Copying was not allowed. Select the link and copy it.');
  }
}
