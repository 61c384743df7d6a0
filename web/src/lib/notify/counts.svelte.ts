import type { Counts } from '../api/types';

/** How much waits. Filled by what is heard of the server; what deep work holds back is not counted. */
class Waiting {
  now = $state<Counts>({ unread: 0, held: 0, held_until: null, duties: 0 });
}

export const waiting = new Waiting();
/** 100 means a hundred or more. */
export const shown = (count: number): string => (count >= 100 ? '99+' : String(count));
