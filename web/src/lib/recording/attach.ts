import { api } from '../api/client';
import type { Attachment, CheckIn, Post, Slot } from '../api/types';

// Hanging a recording on the thing it is about. Each is safe to repeat.

/** Onto a goal's timeline. */
export async function toGoal(recording: string, goal: { id: string; title: string }): Promise<Attachment> {
  await api.put(`/api/goals/${goal.id}/clips/${recording}`);
  return { kind: 'goal', id: goal.id, title: goal.title, url: `/goals/${goal.id}` };
}

/** Into the draft of a slot, made when there is none. */
export async function toSlot(recording: string, slot: Slot): Promise<CheckIn> {
  return toCheckIn(recording, slot.check_in ?? (await api.post<CheckIn>('/api/check-ins', { slot: slot.id })).id);
}

export async function toCheckIn(recording: string, id: string): Promise<CheckIn> {
  const draft = await api.get<CheckIn>(`/api/check-ins/${id}`);
  return api.patch<CheckIn>(`/api/check-ins/${id}`, { recording, revision: draft.revision });
}

export interface NewPost { title: string; body: string; document_url?: string; recording?: string; acknowledge_by?: string; pinned_until?: string }

export function toChannel(channel: string, post: NewPost): Promise<Post> {
  return api.post<Post>(`/api/channels/${channel}/posts`, post);
}
