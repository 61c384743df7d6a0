import { api } from '../api/client';
import type { CheckIn, Goal, Recording } from '../api/types';
import { channels } from '../channel/channels.svelte';
import { toCheckIn, toGoal } from '../recording/attach';
import { calendar, dayName } from '../ui/time';
import type { Subject } from './subject';

/** The thing a recording is for, by name. */
export async function subjectName(subject: Subject): Promise<string | null> {
  if (subject.kind === 'goal') return (await api.get<Goal>(`/api/goals/${subject.id}`)).title;
  if (subject.kind === 'check_in') return `${dayName(calendar((await api.get<CheckIn>(`/api/check-ins/${subject.id}`)).local_date))} check-in`;
  if (subject.kind === 'review') return `${(await api.get<CheckIn>(`/api/check-ins/${subject.id}`)).author.name}’s check-in`;
  if (subject.kind === 'comment') return 'an answer';
  if (subject.kind !== 'post') return null;
  if (!channels.ready) await channels.refresh();
  return channels.named(subject.channel)?.name ?? null;
}

const PAGES = { posts: '/posts/', 'check-ins': '/check-ins/', recordings: '/w/', goals: '/goals/' };

/** Hangs the kept recording on what it is for; the answer is where to go. */
export async function finish(subject: Subject, recording: Recording): Promise<string> {
  switch (subject.kind) {
    case 'goal':
      await toGoal(recording.id, { id: subject.id, title: '' });
      return `/goals/${subject.id}`;
    case 'check_in':
      await toCheckIn(recording.id, subject.id);
      return `/check-ins/${subject.id}`;
    case 'review':
      return `/check-ins/${subject.id}?answer=${recording.id}`;
    case 'post':
      return `/channels/${subject.channel}?compose=${recording.id}`;
    case 'comment':
      await api.post(`/api/${subject.under}/${subject.id}/comments`, { recording: recording.id, ...(subject.parent ? { parent: subject.parent } : {}), ...(subject.at === null ? {} : { at_ms: subject.at }) });
      return `${PAGES[subject.under]}${subject.id}`;
    case 'free':
      return `/w/${recording.slug}`;
  }
}
