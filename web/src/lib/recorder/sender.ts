import { ProblemError } from '../api/problem';

// Sends a recording while it is being made: tus 1.0 with a length that is declared at the end. Everything stays in memory
// until the server has it, so a broken network costs nothing but time. (tus-js-client can only repeat the last chunk of a
// stream; a recording of three minutes fits in memory whole, so here any offset can be taken up again.)

export type SenderState = 'opening' | 'sending' | 'waiting' | 'done' | 'refused' | 'abandoned';
export interface SenderSnapshot { state: SenderState; sent: number; total: number; takeUrl: string | null; problem: ProblemError | null }

export interface SenderWorld {
  fetch: typeof fetch;
  after(ms: number, act: () => void): () => void;
}

const TUS = { 'Tus-Resumable': '1.0.0' };
const MOST = 8 * 1024 * 1024;
const LONGEST_WAIT_MS = 10_000;
/** A request that takes longer is given up and begun again from where the server stands: a vanished network says nothing. */
const LONGEST_REQUEST_MS = 30_000;

export class SliceSender {
  private parts: Blob[] = [];
  private total = 0;
  private offset = 0;
  private closed = false;
  private declared = false;
  private unsure = false;
  private url: string | null = null;
  private takeUrl: string | null = null;
  private state: SenderState = 'opening';
  private problem: ProblemError | null = null;
  private tries = 0;
  private running = false;
  private cancel: () => void = () => {};

  constructor(
    private readonly metadata: Record<string, string>,
    private readonly world: SenderWorld,
    private readonly changed: (snapshot: SenderSnapshot) => void = () => {},
  ) {}

  snapshot(): SenderSnapshot {
    return { state: this.state, sent: this.offset, total: this.total, takeUrl: this.takeUrl, problem: this.problem };
  }

  /** The recording so far, for the review before the server has made anything of it. */
  whole(type: string): Blob {
    return new Blob(this.parts, { type });
  }

  add(slice: Blob): void {
    if (this.closed || slice.size === 0) return;
    this.parts.push(slice);
    this.total += slice.size;
    void this.run();
  }

  /** No more slices come: the length is known now. */
  close(): void {
    this.closed = true;
    void this.run();
  }

  /** Tries at once, for when the browser says that it is online again. */
  hurry(): void {
    if (this.state !== 'waiting') return;
    this.cancel();
    void this.run();
  }

  async abandon(): Promise<void> {
    this.cancel();
    this.become('abandoned');
    if (this.url) await this.world.fetch(this.url, { method: 'DELETE', headers: TUS }).catch(() => {});
  }

  private async run(): Promise<void> {
    if (this.running || ['done', 'refused', 'abandoned'].includes(this.state)) return;
    this.running = true;
    try {
      while (!this.over() && (await this.step())) { /* one request after another */ }
    } catch (error) {
      this.broke(error instanceof ProblemError ? error : ProblemError.offline());
    } finally {
      this.running = false;
    }
  }

  /** Makes the next request; false when there is nothing to send for now. */
  private async step(): Promise<boolean> {
    if (!this.url) return this.create();
    if (this.unsure) return this.ask();
    if (this.offset < this.total || (this.closed && !this.declared)) return this.send(this.url);
    if (this.closed) this.become('done');
    return false;
  }

  private async create(): Promise<boolean> {
    const response = await this.request('/api/uploads', { method: 'POST', headers: { ...TUS, 'Upload-Defer-Length': '1', 'Upload-Metadata': encode(this.metadata) } });
    this.url = response.headers.get('location');
    this.takeUrl = response.headers.get('twotake-take');
    if (!this.url) throw new ProblemError(502, { detail: 'The server did not say where the upload lies.' });
    this.progressed();
    return true;
  }

  private async ask(): Promise<boolean> {
    const response = await this.request(this.url ?? '', { method: 'HEAD', headers: TUS });
    this.offset = Number(response.headers.get('upload-offset') ?? 0);
    this.declared = response.headers.has('upload-length');
    this.unsure = false;
    return true;
  }

  private async send(url: string): Promise<boolean> {
    const end = Math.min(this.total, this.offset + MOST);
    const length: Record<string, string> = this.closed ? { 'Upload-Length': String(this.total) } : {};
    const response = await this.request(url, {
      method: 'PATCH',
      headers: { ...TUS, ...length, 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': String(this.offset) },
      body: new Blob(this.parts).slice(this.offset, end),
    });
    this.offset = Number(response.headers.get('upload-offset') ?? end);
    if (length['Upload-Length']) this.declared = true;
    this.progressed();
    return true;
  }

  private async request(url: string, init: RequestInit): Promise<Response> {
    const response = await this.world.fetch(url, { credentials: 'same-origin', signal: AbortSignal.timeout(LONGEST_REQUEST_MS), ...init });
    if (response.ok) return response;
    throw await ProblemError.from(response);
  }

  private progressed(): void {
    this.tries = 0;
    this.become('sending');
  }

  private broke(problem: ProblemError): void {
    if (this.over()) return;
    const passing = problem.status === 0 || problem.status >= 500 || [408, 409, 423, 429].includes(problem.status);
    if (!passing || problem.code === 'takes_used_up' || problem.code === 'session_closed' || problem.status === 507) {
      this.problem = problem;
      return this.become('refused');
    }
    this.unsure = this.url !== null;
    this.tries += 1;
    this.become('waiting');
    this.cancel = this.world.after(Math.min(500 * 2 ** (this.tries - 1), LONGEST_WAIT_MS), () => void this.run());
  }

  private over(): boolean {
    return this.state === 'abandoned';
  }

  private become(state: SenderState): void {
    if (this.over()) return;
    this.state = state;
    this.changed(this.snapshot());
  }
}

/** tus metadata: each value in base64 of its UTF-8. */
export function encode(metadata: Record<string, string>): string {
  const base64 = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  return Object.entries(metadata).map(([key, value]) => `${key} ${base64(value)}`).join(',');
}
