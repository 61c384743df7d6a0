import type { Take } from '../api/types';
import { ProblemError } from '../api/problem';
import { type Refusal, refusal } from './refusal';

// One file on its way: the states it goes through and what a person is told. It knows no DOM and no protocol; the wire
// (tus), the take's page and the clock are given to it.

export type TransferState = 'sending' | 'paused' | 'waiting' | 'processing' | 'ready' | 'refused' | 'stopped';

/** What a wire tells its transfer. */
export interface WireEvents {
  opened(upload: string, take: string): void;
  progress(sent: number): void;
  finished(): void;
  broke(problem: ProblemError): void;
}

/** A connection that sends the file from where the server stands. `send` may be called again after a break or a pause. */
export interface Wire { send(): void; rest(): void; give_up(): Promise<void> }

export interface World {
  wire(events: WireEvents): Wire;
  take(url: string): Promise<Take>;
  now(): number;
  after(ms: number, act: () => void): () => void;
}

export interface Snapshot {
  state: TransferState; name: string; size: number; sent: number; speed: number | null; left: number | null;
  take: Take | null; refusal: Refusal | null; tries: number;
}

/** A problem that trying again cannot mend. */
const FINAL = new Set([400, 401, 403, 404, 409, 410, 413, 415, 422, 507]);
const WINDOW_MS = 4000;
/** A network that vanished says nothing: so long without a byte sent is a break. */
const STALL_MS = 20_000;

export class Transfer {
  private state: TransferState = 'sending';
  private sent = 0;
  private marks: { at: number; sent: number }[] = [];
  private takeUrl: string | null;
  private lastTake: Take | null = null;
  private why: Refusal | null = null;
  private tries = 0;
  private wire: Wire | null = null;
  private cancel: () => void = () => {};
  private unwatch: () => void = () => {};

  constructor(
    private readonly file: { name: string; size: number },
    private readonly world: World,
    private readonly changed: (snapshot: Snapshot) => void,
    takeUrl: string | null = null,
  ) {
    this.takeUrl = takeUrl;
  }

  snapshot(): Snapshot {
    const speed = this.speed();
    return {
      state: this.state, name: this.file.name, size: this.file.size, sent: this.sent, speed,
      left: speed && this.state === 'sending' ? (this.file.size - this.sent) / speed : null,
      take: this.lastTake, refusal: this.why, tries: this.tries,
    };
  }

  start(): void {
    this.cancel();
    this.wire ??= this.world.wire({
      opened: (_, take) => (this.takeUrl = take),
      progress: (sent) => this.progressed(sent),
      finished: () => this.finished(),
      broke: (problem) => void this.broke(problem),
    });
    this.marks = [];
    this.become('sending');
    this.watch();
    this.wire.send();
  }

  /** The network is gone (the browser says so, or nothing has moved for long): the request is given up, the bytes are not. */
  cut(): void {
    if (this.state !== 'sending') return;
    this.wire?.rest();
    void this.broke(ProblemError.offline());
  }

  private watch(): void {
    this.unwatch();
    this.unwatch = this.world.after(STALL_MS, () => this.cut());
  }

  pause(): void {
    if (this.state !== 'sending' && this.state !== 'waiting') return;
    this.cancel();
    this.wire?.rest();
    this.become('paused');
  }

  /** Refuses before a byte is sent: the file itself says that it is too long. */
  refuse(known: Parameters<typeof refusal>[0]): void {
    this.why = refusal(known);
    this.become('refused');
  }

  async stop(): Promise<void> {
    this.cancel();
    this.become('stopped');
    await this.wire?.give_up().catch(() => {});
  }

  private progressed(sent: number): void {
    this.sent = sent;
    this.tries = 0;
    if (this.state === 'sending') this.watch();
    this.marks.push({ at: this.world.now(), sent });
    while (this.marks.length > 2 && this.world.now() - (this.marks[0]?.at ?? 0) > WINDOW_MS) this.marks.shift();
    if (this.state === 'sending') this.become('sending');
  }

  private finished(): void {
    this.sent = this.file.size;
    this.become('processing');
    void this.look();
  }

  private async broke(problem: ProblemError): Promise<void> {
    if (this.state === 'paused' || this.state === 'stopped') return;
    // The server may have judged the take while the bytes were still coming: its verdict counts more than the break.
    const take = this.takeUrl ? await this.world.take(this.takeUrl).catch(() => null) : null;
    if (take && (take.state === 'refused' || take.state === 'failed')) return this.judged(take);
    if (FINAL.has(problem.status)) return this.refuse({ code: problem.code, detail: problem.message, ...numbers(problem.body) });
    this.tries += 1;
    this.become('waiting');
    const wait = (problem.retryAfter ?? Math.min(2 ** (this.tries - 1), 15)) * 1000;
    this.cancel = this.world.after(wait, () => this.start());
  }

  /** Asks for the take until it is judged. A question that gets no answer is asked again. */
  private async look(): Promise<void> {
    if (this.state !== 'processing' || !this.takeUrl) return;
    const take = await this.world.take(this.takeUrl).catch(() => null);
    if (this.state !== 'processing') return;
    if (take) this.lastTake = take;
    if (take && ['ready', 'refused', 'failed'].includes(take.state)) return this.judged(take);
    this.become('processing');
    this.cancel = this.world.after(1000, () => void this.look());
  }

  private judged(take: Take): void {
    this.lastTake = take;
    if (take.state === 'ready') return this.become('ready');
    this.why = refusal({ ...take, code: take.code ?? 'media_failed' });
    this.become('refused');
  }

  private speed(): number | null {
    const [first, last] = [this.marks[0], this.marks.at(-1)];
    if (!first || !last || last.at <= first.at) return null;
    return ((last.sent - first.sent) * 1000) / (last.at - first.at) || null;
  }

  private become(state: TransferState): void {
    if (this.state === 'stopped') return;
    this.state = state;
    if (state !== 'sending') this.unwatch();
    this.changed(this.snapshot());
  }
}

function numbers(body: Readonly<Record<string, unknown>>): { measured_ms?: number; limit_ms?: number } {
  const number = (key: string) => (typeof body[key] === 'number' ? { [key]: body[key] } : {});
  return { ...number('measured_ms'), ...number('limit_ms') };
}
