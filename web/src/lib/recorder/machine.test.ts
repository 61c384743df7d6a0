import { describe, expect, it } from 'vitest';
import { Machine, type MachineSnapshot } from './machine';

function studio(limit = 180_000) {
  let time = 0;
  let heard: { slice(blob: Blob): void; ended(): void } | undefined;
  const timers = new Set<{ ms: number; act: () => void; at: number }>();
  const seen: MachineSnapshot[] = [];
  const log: string[] = [];
  const machine = new Machine(limit, {
    record(given) {
      heard = given;
      log.push('record');
      return { stop: () => void log.push('stop'), pause: () => void log.push('pause'), resume: () => void log.push('resume') };
    },
    now: () => time,
    every(ms, act) {
      const timer = { ms, act, at: time + ms };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  }, { slice: () => {}, ended: (ms) => void log.push(`ended ${ms}`) }, (snapshot) => seen.push(snapshot));
  return {
    machine, seen, log,
    last: () => seen.at(-1) as MachineSnapshot,
    slice: () => heard?.slice(new Blob(['x'])),
    ended: () => heard?.ended(),
    /** Lets time pass without timers, as in a hidden tab. */
    sleep: (ms: number) => (time += ms),
    pass(ms: number) {
      const until = time + ms;
      for (;;) {
        const due = [...timers].filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        time = due.at;
        due.at += due.ms;
        due.act();
      }
      time = until;
    },
  };
}

function recording(limit?: number) {
  const s = studio(limit);
  s.machine.asking();
  s.machine.captured(true);
  s.machine.begin();
  s.pass(3000);
  return s;
}

describe('the recorder', () => {
  it('holds a take: the time of a pause is not part of it', () => {
    const s = recording(20_000);
    s.pass(4000);
    s.machine.pause();
    s.pass(60_000);
    expect(s.last()).toMatchObject({ state: 'paused', elapsed: 4000, left: 16_000 });
    s.machine.resume();
    s.pass(2000);
    expect(s.last()).toMatchObject({ state: 'recording', elapsed: 6000 });
    s.pass(20_000);
    expect(s.last()).toMatchObject({ state: 'stopping' });
    expect(s.log).toEqual(['record', 'pause', 'resume', 'stop']);
  });

  it('stops, and ends with its source, while it is held', () => {
    for (const end of ['stop', 'lost'] as const) {
      const s = recording();
      s.pass(4000);
      s.machine.pause();
      s.pass(5000);
      s.machine[end]();
      s.ended();
      expect(s.last()).toMatchObject({ state: 'stopped', elapsed: 4000 });
      expect(s.log).toEqual(['record', 'pause', 'stop', 'ended 4000']);
    }
  });

  it('counts 3, 2, 1 and records', () => {
    const s = recording();
    expect(s.seen.filter((one) => one.state === 'counting').map((one) => one.count)).toEqual([3, 2, 1]);
    expect(s.last().state).toBe('recording');
    expect(s.log).toEqual(['record']);
  });

  it('does not begin without a picture, and a refused camera leads back', () => {
    const s = studio();
    s.machine.begin();
    expect(s.seen).toEqual([]);
    s.machine.asking();
    s.machine.captured(false);
    expect(s.last().state).toBe('idle');
  });

  it('turns amber and says so fifteen seconds before the end', () => {
    const s = recording();
    s.pass(150_000);
    expect(s.last()).toMatchObject({ amber: false, said: '30 seconds left' });
    s.pass(15_000);
    expect(s.last()).toMatchObject({ amber: true, said: '15 seconds left', left: 15_000 });
  });

  it('stops by itself at the limit, never past it', () => {
    const s = recording();
    s.pass(200_000);
    expect(s.log).toEqual(['record', 'stop']);
    s.ended();
    expect(s.last().state).toBe('stopped');
    expect(s.last().elapsed).toBeLessThanOrEqual(180_000);
    expect(s.log.at(-1)).toBe('ended 179900');
  });

  it('stops in a hidden tab too, where timers sleep, because slices tick', () => {
    const s = recording(60_000);
    s.sleep(60_100);
    s.slice();
    expect(s.log).toContain('stop');
  });

  it('Stop during the count records nothing', () => {
    const s = studio();
    s.machine.captured(true);
    s.machine.begin();
    s.pass(1000);
    s.machine.stop();
    s.pass(5000);
    expect([s.last().state, s.log]).toEqual(['ready', []]);
  });

  it('a window that is closed while it is recorded ends the take and keeps it', () => {
    const s = recording();
    s.pass(5000);
    s.machine.lost();
    s.ended();
    expect([s.last().state, s.log.at(-1)]).toEqual(['stopped', 'ended 5000']);
  });

  it('a second take starts its clock again', () => {
    const s = recording();
    s.pass(5000);
    s.machine.stop();
    s.ended();
    s.machine.back();
    expect(s.last()).toMatchObject({ state: 'ready', elapsed: 0 });
    s.machine.begin();
    s.pass(4000);
    expect(s.last()).toMatchObject({ state: 'recording', elapsed: 1000 });
  });
});
