// The recorder's states, without a camera: choosing → counting down → recording (⇄ paused) → stopped. What captures, what records and
// what time it is are given to it.

export type MachineState = 'idle' | 'asking' | 'ready' | 'counting' | 'recording' | 'paused' | 'stopping' | 'stopped';

/** A running recording of the browser. */
export interface Recording { stop(): void; pause(): void; resume(): void }
export interface MachineWorld {
  /** Starts recording; slices come every quarter of a second, `ended` once after the last. */
  record(heard: { slice(blob: Blob): void; ended(): void }): Recording;
  now(): number;
  every(ms: number, act: () => void): () => void;
}

export interface MachineSnapshot { state: MachineState; count: number; elapsed: number; left: number; amber: boolean; said: string | null }

const COUNT_FROM = 3;
const AMBER_MS = 15_000;
/** Stopping takes the browser a moment; the server measures, so we stop that much before the limit. */
const MARGIN_MS = 100;

export class Machine {
  private state: MachineState = 'idle';
  private count = 0;
  private began = 0;
  private elapsed = 0;
  private said: string | null = null;
  private recording: Recording | null = null;
  private cancel: () => void = () => {};

  constructor(
    private readonly limit: number,
    private readonly world: MachineWorld,
    private readonly heard: { slice(blob: Blob): void; ended(ms: number): void },
    private readonly changed: (snapshot: MachineSnapshot) => void,
  ) {}

  snapshot(): MachineSnapshot {
    const left = Math.max(0, this.limit - this.elapsed);
    return { state: this.state, count: this.count, elapsed: this.elapsed, left, amber: (this.state === 'recording' || this.state === 'paused') && left <= AMBER_MS, said: this.said };
  }

  asking(): void {
    if (this.state === 'idle' || this.state === 'ready') this.become('asking');
  }

  /** The camera or the screen is there, or is not. */
  captured(there: boolean): void {
    if (this.state === 'asking' || this.state === 'ready' || this.state === 'idle') this.become(there ? 'ready' : 'idle');
  }

  /** Counts 3, 2, 1 and records. */
  begin(): void {
    if (this.state !== 'ready') return;
    this.count = COUNT_FROM;
    this.become('counting');
    this.cancel = this.world.every(1000, () => this.counted());
  }

  private counted(): void {
    this.count -= 1;
    if (this.count > 0) return this.become('counting');
    this.cancel();
    this.began = this.world.now();
    this.elapsed = 0;
    this.said = null;
    this.recording = this.world.record({
      slice: (blob) => {
        this.heard.slice(blob);
        this.tick();
      },
      ended: () => this.ended(),
    });
    this.run();
  }

  private run(): void {
    this.cancel = this.world.every(100, () => this.tick());
    this.become('recording');
  }

  /** Holds the take: neither picture nor clock go on until it is resumed. */
  pause(): void {
    if (this.state !== 'recording') return;
    this.cancel();
    this.elapsed = Math.min(this.world.now() - this.began, this.limit);
    this.recording?.pause();
    this.become('paused');
  }

  resume(): void {
    if (this.state !== 'paused') return;
    this.began = this.world.now() - this.elapsed;
    this.recording?.resume();
    this.run();
  }

  /** Looks at the clock. Slices call it too: a hidden tab's timers sleep, its recorder does not. */
  private tick(): void {
    if (this.state !== 'recording') return;
    this.elapsed = Math.min(this.world.now() - this.began, this.limit);
    this.said = announcement(this.elapsed, this.limit) ?? this.said;
    if (this.elapsed >= this.limit - MARGIN_MS) return this.stop();
    this.become('recording');
  }

  stop(): void {
    if (this.state === 'counting') return this.back();
    if (this.state !== 'recording' && this.state !== 'paused') return;
    this.cancel();
    if (this.state === 'recording') this.elapsed = Math.min(this.world.now() - this.began, this.limit);
    this.become('stopping');
    this.recording?.stop();
  }

  /** Back to the preview: a count that was cancelled, or another take. */
  back(): void {
    if (['recording', 'paused', 'stopping'].includes(this.state)) return;
    this.cancel();
    this.count = 0;
    this.elapsed = 0;
    this.become('ready');
  }

  /** The source ended by itself: a shared window was closed, a camera pulled out. */
  lost(): void {
    if (this.state === 'recording' || this.state === 'paused') this.stop();
    else if (this.state !== 'stopping' && this.state !== 'stopped') {
      this.cancel();
      this.become('idle');
    }
  }

  private ended(): void {
    if (this.state === 'recording') {
      this.cancel();
      this.elapsed = Math.min(this.world.now() - this.began, this.limit);
    } else if (this.state !== 'stopping' && this.state !== 'paused') return;
    this.recording = null;
    this.become('stopped');
    this.heard.ended(this.elapsed);
  }

  private become(state: MachineState): void {
    this.state = state;
    this.changed(this.snapshot());
  }
}

/** What is said aloud: at thirty and fifteen seconds before the end, not each second. */
function announcement(elapsed: number, limit: number): string | null {
  const left = limit - elapsed;
  if (left <= AMBER_MS) return '15 seconds left';
  if (left <= 30_000) return '30 seconds left';
  return null;
}
