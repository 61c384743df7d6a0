import { describe, expect, it } from 'vitest';
import { ProblemError } from '../api/problem';
import type { Take } from '../api/types';
import { type Snapshot, Transfer, type WireEvents, type World } from './transfer';

const MB = 1_000_000;

/** A world in which the test is the network, the server and the clock. */
function world(takes: Partial<Take>[] = [{ state: 'ready' }]) {
  const seen: Snapshot[] = [];
  const waiting: { ms: number; act: () => void; dead: boolean }[] = [];
  const log: string[] = [];
  let events: WireEvents | undefined;
  let time = 0;
  const fake: World = {
    wire(given) {
      events = given;
      return { send: () => void log.push('send'), rest: () => void log.push('rest'), give_up: async () => void log.push('give up') };
    },
    take: async () => (takes.length > 1 ? takes.shift() : takes[0]) as Take,
    now: () => time,
    after(ms, act) {
      const entry = { ms, act, dead: false };
      waiting.push(entry);
      return () => (entry.dead = true);
    },
  };
  const transfer = new Transfer({ name: 'update.mp4', size: 10 * MB }, fake, (snapshot) => seen.push(snapshot));
  return {
    transfer, seen, log, waiting,
    wire: () => events as WireEvents,
    last: () => seen.at(-1) as Snapshot,
    pass: (ms: number) => (time += ms),
    ring: async () => {
      waiting.filter((entry) => !entry.dead).splice(0).forEach((entry) => { entry.dead = true; entry.act(); });
      await settle();
    },
  };
}

const settle = async () => { for (let i = 0; i < 5; i += 1) await Promise.resolve(); };
const offline = () => ProblemError.offline();

describe('a transfer', () => {
  it('sends, waits for the take and is ready', async () => {
    const t = world([{ state: 'processing', progress: 0.4 }, { state: 'ready', measured_ms: 161_000 }]);
    t.transfer.start();
    t.wire().opened('/api/uploads/u', '/api/takes/t');
    t.wire().progress(4 * MB);
    t.wire().finished();
    await settle();
    expect(t.last()).toMatchObject({ state: 'processing', take: { progress: 0.4 } });
    await t.ring();
    expect(t.last()).toMatchObject({ state: 'ready', take: { measured_ms: 161_000 } });
  });

  it('tells speed and time left from the last seconds, not from the beginning', () => {
    const t = world();
    t.transfer.start();
    t.wire().progress(0);
    t.pass(1000);
    t.wire().progress(MB);
    expect(t.last()).toMatchObject({ speed: MB, left: 9 });
    for (let i = 0; i < 6; i += 1) { t.pass(1000); t.wire().progress(MB + (i + 1) * MB / 2); }
    expect(t.last()).toMatchObject({ speed: MB / 2 });
  });

  it('waits longer after every break and goes on by itself', async () => {
    const t = world([{ state: 'receiving' }]);
    t.transfer.start();
    t.wire().opened('/u', '/t');
    for (const expected of [1000, 2000, 4000]) {
      t.wire().broke(offline());
      await settle();
      expect(t.last().state).toBe('waiting');
      expect(t.waiting.at(-1)?.ms).toBe(expected);
      await t.ring();
      expect(t.last().state).toBe('sending');
    }
    t.wire().progress(MB);
    t.wire().broke(offline());
    await settle();
    expect(t.waiting.at(-1)?.ms).toBe(1000);
  });

  it('pauses and resumes', () => {
    const t = world();
    t.transfer.start();
    t.transfer.pause();
    expect(t.last().state).toBe('paused');
    t.transfer.start();
    expect(t.log).toEqual(['send', 'rest', 'send']);
    expect(t.last().state).toBe('sending');
  });

  it('a break while paused changes nothing', async () => {
    const t = world();
    t.transfer.start();
    t.transfer.pause();
    t.wire().broke(offline());
    await settle();
    expect(t.last().state).toBe('paused');
  });

  it('says the measured length when the server refuses', async () => {
    const t = world([{ state: 'receiving' }]);
    t.transfer.start();
    t.wire().broke(new ProblemError(422, { code: 'too_long', measured_ms: 222_000, limit_ms: 180_000 }));
    await settle();
    expect(t.last()).toMatchObject({ state: 'refused', refusal: { fact: 'This video runs 3:42.', rest: 'Updates stop at 3:00: trim it or record again; it has not cost you a take.' } });
  });

  it('believes the take more than the broken connection', async () => {
    const t = world([{ state: 'refused', code: 'not_video', detail: null }]);
    t.transfer.start();
    t.wire().opened('/u', '/t');
    t.wire().broke(offline());
    await settle();
    expect(t.last()).toMatchObject({ state: 'refused', refusal: { code: 'not_video' } });
  });

  it('takes a silence of twenty seconds for a break, and progress for none', async () => {
    const t = world([{ state: 'receiving' }]);
    t.transfer.start();
    t.wire().opened('/u', '/t');
    t.wire().progress(MB);
    expect(t.waiting.filter((entry) => !entry.dead).map((entry) => entry.ms)).toEqual([20_000]);
    await t.ring();
    expect(t.last().state).toBe('waiting');
    expect(t.log).toEqual(['send', 'rest']);
    await t.ring();
    expect(t.last().state).toBe('sending');
    t.wire().finished();
    expect(t.waiting.filter((entry) => !entry.dead && entry.ms === 20_000)).toEqual([]);
  });

  it('a stopped one stays stopped and gives the upload up', async () => {
    const t = world();
    t.transfer.start();
    await t.transfer.stop();
    t.wire().progress(MB);
    expect(t.last().state).toBe('stopped');
    expect(t.log).toContain('give up');
  });
});
