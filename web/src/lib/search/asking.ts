/** How long after a key the question is sent. */
const REST_MS = 120;

/** Asks as somebody types: after a short rest, one question at a time, the one before called off. An answer that comes too late is
 *  nobody's. */
export class Asking<T> {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked: AbortController | null = null;

  constructor(
    private readonly ask: (words: string, signal: AbortSignal) => Promise<T>,
    private readonly told: (answer: T, words: string) => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  type(words: string, rest = REST_MS): void {
    this.stop();
    this.timer = setTimeout(() => void this.send(words), rest);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.asked?.abort();
    this.asked = null;
  }

  private async send(words: string): Promise<void> {
    const asked = (this.asked = new AbortController());
    try {
      const answer = await this.ask(words, asked.signal);
      if (!asked.signal.aborted) this.told(answer, words);
    } catch (error) {
      if (!asked.signal.aborted) this.failed(error);
    }
  }
}
