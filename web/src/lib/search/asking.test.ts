import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Asking } from './asking';

describe('asking as somebody types', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('asks once for what was typed in one go', async () => {
    const ask = vi.fn((words: string) => Promise.resolve(words.toUpperCase()));
    const told: string[] = [];
    const asking = new Asking(ask, (answer) => told.push(answer), () => told.push('failed'));
    for (const words of ['d', 'do', 'dock']) asking.type(words);
    await vi.runAllTimersAsync();
    expect(ask.mock.calls.map(([words]) => words)).toEqual(['dock']);
    expect(told).toEqual(['DOCK']);
  });

  it('calls the older question off and drops its late answer', async () => {
    const answers = new Map<string, (text: string) => void>();
    const signals: AbortSignal[] = [];
    const told: string[] = [];
    const asking = new Asking((words, signal) => {
      signals.push(signal);
      return new Promise<string>((done) => answers.set(words, done));
    }, (answer) => told.push(answer), () => told.push('failed'));
    asking.type('do', 0);
    await vi.runAllTimersAsync();
    asking.type('dock', 0);
    await vi.runAllTimersAsync();
    expect(signals.map((signal) => signal.aborted)).toEqual([true, false]);
    answers.get('dock')?.('new');
    answers.get('do')?.('old');
    await vi.runAllTimersAsync();
    expect(told).toEqual(['new']);
  });

  it('tells of a failure, but not of one that it caused itself', async () => {
    const failures: unknown[] = [];
    const asking = new Asking((_, signal) => new Promise<string>((_done, fail) => {
      signal.addEventListener('abort', () => fail(new Error('aborted')));
      setTimeout(() => fail(new Error('offline')), 50);
    }), () => {}, (error) => failures.push(error));
    asking.type('a', 0);
    await vi.advanceTimersByTimeAsync(10);
    asking.type('b', 0);
    await vi.runAllTimersAsync();
    expect(failures.map(String)).toEqual(['Error: offline']);
  });
});
