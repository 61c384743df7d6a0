import { api } from '../api/client';
import { pathOf } from '../api/path';
import { ProblemError, sentence } from '../api/problem';
import type { Recording, Take, TakeSession } from '../api/types';
import { followTake } from '../recording/following';
import { type Capture, capture, captureProblem, type Choice, devices, record } from './capture';
import { Machine, type MachineSnapshot } from './machine';
import { type SenderSnapshot, SliceSender } from './sender';
import { type Subject, wireSubject } from './subject';

/** A take of this session: recorded here (with its own bytes) or found on the server. */
export interface Shot { ordinal: number; ms: number; local: string | null; sending: SenderSnapshot | null; take: Take | null }

/** The recorder as the page draws it: one take session, at most two takes, one machine. */
export class Studio {
  machine = $state<MachineSnapshot>({ state: 'idle', count: 0, elapsed: 0, left: 0, amber: false, said: null });
  session = $state<TakeSession | null>(null);
  shots = $state<Shot[]>([]);
  chosen = $state(0);
  problem = $state<string | null>(null);
  /** A take was refused because two others count already: it is not here any more, they are. */
  turnedAway = $state(false);
  choice = $state<Choice>({ source: 'camera', camera: null, microphone: null, muted: false });
  cameras = $state<MediaDeviceInfo[]>([]);
  microphones = $state<MediaDeviceInfo[]>([]);
  preview = $state<MediaStream | null>(null);
  level = $state(0);
  private readonly core: Machine;
  private taking: Capture | null = null;
  private sender: SliceSender | null = null;
  private type = '';
  private discarding = false;
  private turn = 0;
  private readonly timers = new Set<() => void>();

  constructor(readonly subject: Subject, readonly limit: number, readonly allowed: number) {
    this.core = new Machine(limit, {
      record: (heard) => {
        if (!this.taking) throw new Error('recording began without a picture');
        return record(this.taking, heard);
      },
      now: () => performance.now(),
      every: (ms, act) => this.every(ms, act),
    }, { slice: (blob) => this.sender?.add(blob), ended: (ms) => this.ended(ms) }, (snapshot) => (this.machine = snapshot));
    this.machine = this.core.snapshot();
    this.every(80, () => (this.level = this.taking?.level() ?? 0));
  }

  get used(): number {
    return Math.max(this.session?.takes_used ?? 0, this.shots.length);
  }

  get shot(): Shot | null {
    return this.shots[this.chosen] ?? null;
  }

  get unsent(): boolean {
    return this.shots.some((shot) => shot.sending !== null && !['done', 'refused', 'abandoned'].includes(shot.sending.state));
  }

  get broken(): boolean {
    return this.sender?.snapshot().state === 'waiting' || this.shots.some((shot) => shot.sending?.state === 'waiting');
  }

  /** Opens what was chosen, or says why not. */
  async open(change: Partial<Choice> = {}): Promise<void> {
    if (['counting', 'recording', 'paused', 'stopping'].includes(this.machine.state)) return;
    Object.assign(this.choice, change);
    const turn = (this.turn += 1);
    this.shut();
    this.problem = null;
    this.core.asking();
    try {
      const taken = await capture($state.snapshot(this.choice), () => this.core.lost());
      if (turn !== this.turn) return taken.close();
      this.taking = taken;
      this.preview = taken.preview;
      this.core.captured(true);
    } catch (error) {
      if (turn !== this.turn) return;
      this.problem = captureProblem(error);
      this.core.captured(false);
    }
    Object.assign(this, await devices().catch(() => ({})));
  }

  /** Begins a take: the session first (its link exists from then on), then 3, 2, 1. */
  async begin(): Promise<void> {
    this.problem = null;
    try {
      this.session ??= await api.post<TakeSession>('/api/take-sessions', { subject: wireSubject(this.subject) });
      if (this.used >= this.allowed) return this.full();
      this.discarding = false;
      this.sender = this.newSender(this.session.id);
      this.core.begin();
    } catch (error) {
      this.problem = sentence(error);
    }
  }

  /** Takes up a session that was begun before. */
  async take_up(id: string): Promise<void> {
    this.session = await api.get<TakeSession>(`/api/take-sessions/${id}`);
    this.shots = this.session.takes.filter((take) => !['refused', 'failed'].includes(take.state)).map((take) => ({ ordinal: take.ordinal, ms: take.measured_ms ?? 0, local: null, sending: null, take }));
    this.chosen = Math.max(0, this.shots.length - 1);
    this.shots.forEach((shot) => this.follow(shot));
  }

  stop(): void {
    this.core.stop();
  }

  /** Holds the running take, or goes on with it. */
  hold(): void {
    if (this.machine.state === 'paused') this.core.resume();
    else this.core.pause();
  }

  /** Throws the running take away. It counts: media had arrived. */
  discard(): void {
    this.discarding = true;
    this.core.stop();
  }

  /** Back to the camera for the second take; the first stays as it is. */
  async again(): Promise<void> {
    this.core.back();
    await this.open();
  }

  hurry(): void {
    this.sender?.hurry();
  }

  /** Publishes the chosen take. The server may still be reading it: then we wait and ask again. */
  async keep(title: string): Promise<Recording> {
    const [shot, session] = [this.shot, this.session];
    if (!shot || !session) throw new Error('there is no take to keep');
    for (;;) {
      if (shot.sending?.state === 'refused' && shot.sending.problem) throw shot.sending.problem;
      if (shot.take && ['refused', 'failed'].includes(shot.take.state)) throw new ProblemError(422, { code: shot.take.code, detail: shot.take.detail });
      const take = shot.take?.id ?? (shot.sending?.takeUrl ? pathOf(shot.sending.takeUrl).split('/').pop() : null);
      if (take && (!shot.sending || shot.sending.state === 'done')) {
        try {
          return await api.post<Recording>(`/api/take-sessions/${session.id}/keep`, { take, title });
        } catch (error) {
          if (!(error instanceof ProblemError) || !['not_ready', 'offline'].includes(error.code)) throw error;
        }
      }
      await new Promise((done) => setTimeout(done, 700));
    }
  }

  close(): void {
    this.turn += 1;
    this.shut();
    this.timers.forEach((cancel) => cancel());
    this.shots.forEach((shot) => shot.local && URL.revokeObjectURL(shot.local));
  }

  private newSender(session: string): SliceSender {
    const type = this.type = this.taking?.type ?? '';
    const extension = type.startsWith('video/mp4') ? 'mp4' : 'webm';
    const sender = new SliceSender({ filename: `take.${extension}`, filetype: type.split(';')[0] ?? '', take_session: session }, {
      fetch: (input, init) => fetch(input, init),
      after: (ms, act) => {
        const timer = setTimeout(act, ms);
        return () => clearTimeout(timer);
      },
    }, (snapshot) => this.heard(sender, snapshot));
    return sender;
  }

  private readonly owners = new Map<SliceSender, Shot>();
  private latest = $state<SenderSnapshot | null>(null);

  private heard(sender: SliceSender, snapshot: SenderSnapshot): void {
    if (sender === this.sender) this.latest = snapshot;
    const shot = this.owners.get(sender);
    if (shot) shot.sending = snapshot;
    if (shot && snapshot.state === 'done') this.follow(shot);
    if (snapshot.problem?.code === 'takes_used_up') this.full(snapshot.problem);
  }

  /** What the network is doing while a take runs. */
  get network(): SenderSnapshot | null {
    return this.latest;
  }

  private ended(ms: number): void {
    const sender = this.sender;
    if (!sender) return;
    this.sender = null;
    this.latest = null;
    if (this.session && !this.turnedAway) this.session.takes_used = Math.min(this.allowed, this.session.takes_used + 1);
    if (this.discarding) {
      void sender.abandon();
      this.core.back();
      return;
    }
    const local = URL.createObjectURL(sender.whole(this.type));
    this.shots.push({ ordinal: this.shots.length + 1, ms, local, sending: sender.snapshot(), take: null });
    this.chosen = this.shots.length - 1;
    const shot = this.shots[this.chosen];
    if (shot) this.owners.set(sender, shot);
    sender.close();
    this.shut();
  }

  /** Looks at a take until the server has judged it. */
  private follow(shot: Shot): void {
    const id = shot.take?.id ?? (shot.sending?.takeUrl ? pathOf(shot.sending.takeUrl).split('/').pop() : null);
    if (id) this.timers.add(followTake(id, (take) => (shot.take = take)));
  }

  private full(problem: ProblemError | null = null): void {
    this.problem = 'Both takes are used. Keep one of them: a third would make the first two worth less.';
    const takes = problem?.body.takes;
    this.discarding = true;
    this.core.stop();
    if (!Array.isArray(takes)) return;
    // What was recorded here and counts keeps its own bytes for the review; the rest is the server's.
    const own = (take: Take) => this.shots.find((shot) => shot.take?.id === take.id || (shot.sending?.takeUrl ?? '').endsWith(`/${take.id}`));
    this.shots = (takes as Take[]).map((take) => own(take) ?? { ordinal: take.ordinal, ms: take.measured_ms ?? 0, local: null, sending: null, take });
    this.chosen = this.shots.length - 1;
    this.shots.filter((shot) => !shot.sending).forEach((shot) => this.follow(shot));
    this.shut();
    this.turnedAway = true;
  }

  private shut(): void {
    this.taking?.close();
    this.taking = null;
    this.preview = null;
  }

  private every(ms: number, act: () => void, once = false): () => void {
    const timer = setInterval(() => {
      if (once) cancel();
      act();
    }, ms);
    const cancel = () => {
      clearInterval(timer);
      this.timers.delete(cancel);
    };
    this.timers.add(cancel);
    return cancel;
  }
}
