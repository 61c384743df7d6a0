import { signedIn } from '../account/session.svelte';
import { api } from '../api/client';
import { pathOf } from '../api/path';
import type { Take } from '../api/types';
import { lengthOf } from './length';
import { forget, type Pending, remember, remembered } from './pending';
import type { Snapshot, Transfer } from './transfer';

export interface Shown extends Snapshot { id: string }

const TOLERANCE_MS = 500;

/** Every upload of this page, whichever page of the app is open. */
class Uploads {
  shown = $state<Shown[]>([]);
  private readonly transfers = new Map<string, Transfer>();

  get busy(): boolean {
    return this.shown.some((one) => ['sending', 'waiting', 'paused'].includes(one.state));
  }

  add(files: Iterable<File>, session: string | null = null): void {
    for (const file of files) void this.begin({ id: crypto.randomUUID(), file, title: titleOf(file.name), session, upload: null, take: null });
  }

  /** Takes up what a reload interrupted. */
  async resume(): Promise<void> {
    for (const pending of await remembered()) if (!this.transfers.has(pending.id)) void this.begin(pending);
  }

  pause = (id: string): void => this.transfers.get(id)?.pause();
  go = (id: string): void => this.transfers.get(id)?.start();

  /** The browser has lost its network. */
  cut = (): void => this.transfers.forEach((transfer) => transfer.cut());

  dismiss = (id: string): void => {
    const one = this.shown.find((shown) => shown.id === id);
    if (one && ['sending', 'waiting', 'paused'].includes(one.state)) void this.transfers.get(id)?.stop();
    this.transfers.delete(id);
    this.shown = this.shown.filter((shown) => shown.id !== id);
    void forget(id);
  };

  private async begin(pending: Pending): Promise<void> {
    const { Transfer } = await import('./transfer');
    const transfer = new Transfer(pending.file, await this.world(pending), (snapshot) => this.draw(pending.id, snapshot), pending.take);
    this.transfers.set(pending.id, transfer);
    this.draw(pending.id, transfer.snapshot());
    const [ms, limit] = [await lengthOf(pending.file), signedIn.current?.recording_limit_ms ?? 180_000];
    if (ms !== null && ms > limit + TOLERANCE_MS) return transfer.refuse({ code: 'too_long', measured_ms: ms, limit_ms: limit });
    this.declared.set(pending.id, ms);
    void remember(pending);
    transfer.start();
  }

  private readonly declared = new Map<string, number | null>();

  private async world(pending: Pending): Promise<ConstructorParameters<typeof Transfer>[1]> {
    const { tusWire } = await import('./tusWire');
    return {
      wire: (events) => tusWire(
        { file: pending.file, metadata: this.metadata(pending), uploadUrl: pending.upload, takeUrl: pending.take },
        { ...events, opened: (upload, take) => {
          Object.assign(pending, { upload, take });
          void remember(pending);
          events.opened(upload, take);
        } },
      ),
      take: (url) => api.get<Take>(pathOf(url)),
      now: () => performance.now(),
      after: (ms, act) => {
        const timer = setTimeout(act, ms);
        return () => clearTimeout(timer);
      },
    };
  }

  private metadata(pending: Pending): Record<string, string> {
    const ms = this.declared.get(pending.id) ?? null;
    return {
      filename: pending.file.name, title: pending.title,
      ...(pending.file.type ? { filetype: pending.file.type } : {}),
      ...(pending.session ? { take_session: pending.session } : {}),
      ...(ms !== null ? { declared_ms: String(ms) } : {}),
    };
  }

  private draw(id: string, snapshot: Snapshot): void {
    if (['processing', 'ready', 'refused', 'stopped'].includes(snapshot.state)) void forget(id);
    const at = this.shown.findIndex((one) => one.id === id);
    if (at >= 0) this.shown[at] = { id, ...snapshot };
    else if (this.transfers.has(id)) this.shown.push({ id, ...snapshot });
  }
}

export const uploads = new Uploads();

/** "second-bath_at night.mp4" → "second bath at night" */
export function titleOf(filename: string): string {
  return filename.replace(/\.[a-z0-9]{2,5}$/i, '').replace(/[_-]+/g, ' ').replace(/\s+/g, ' ').trim() || 'Untitled';
}
