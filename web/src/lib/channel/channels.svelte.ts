import { api } from '../api/client';
import type { Channel } from '../api/types';

/** The channels beside every page, with what is unread in them. */
class Channels {
  items = $state<Channel[]>([]);
  ready = $state(false);

  async refresh(): Promise<void> {
    this.items = await api.all<Channel>('/api/channels');
    this.ready = true;
  }

  named(slug: string): Channel | undefined {
    return this.items.find((channel) => channel.slug === slug || channel.id === slug);
  }

  /** What has been read is no longer counted. */
  seen(id: string): void {
    const channel = this.items.find((one) => one.id === id);
    if (channel) channel.unread = 0;
  }
}

export const channels = new Channels();

const ICONS: Record<string, string> = { announcements: 'mega', recognition: 'star', fun: 'smile' };
export const iconOf = (channel: { kind: string }): string => ICONS[channel.kind] ?? 'hash';

const ORDER = ['announcements', 'general', 'recognition', 'training', 'fun'];
const rank = (channel: Channel) => (ORDER.indexOf(channel.kind) + ORDER.length + 1) % (ORDER.length + 1) + (ORDER.includes(channel.kind) ? 0 : ORDER.length);

/** Channels under the name of their unit: the organisation's own first, projects without one last. */
export function grouped(items: Channel[], organisation: string): [string, Channel[]][] {
  const groups = new Map<string, Channel[]>([[organisation, []]]);
  for (const channel of items) {
    const unit = typeof channel.unit === 'object' && channel.unit ? channel.unit.name : null;
    const name = unit ?? (channel.kind === 'project' ? 'Projects' : organisation);
    groups.set(name, [...(groups.get(name) ?? []), channel]);
  }
  return [...groups].filter(([, list]) => list.length > 0).map(([name, list]) => [name, list.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))]);
}
