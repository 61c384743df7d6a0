import { api } from '../api/client';
import { ProblemError } from '../api/problem';

const WORKER = '/push.js';
const KEPT = 'push-subscription';

export const canWake = (): boolean => 'serviceWorker' in navigator && 'PushManager' in window;

/** The key of a server that wakes browsers. */
export async function offered(): Promise<string | null> {
  return (await api.get<{ key: string | null }>('/api/me/push')).key;
}

async function current(): Promise<PushSubscription | null> {
  if (!canWake()) return null;
  const worker = await navigator.serviceWorker.getRegistration(WORKER);
  return (await worker?.pushManager.getSubscription()) ?? null;
}

export async function subscribed(): Promise<boolean> {
  return (await current()) !== null && localStorage.getItem(KEPT) !== null;
}

/** Has this browser woken from now on. */
export async function wake(key: string): Promise<void> {
  if ((await Notification.requestPermission()) !== 'granted') throw refused();
  await navigator.serviceWorker.register(WORKER);
  const worker = await navigator.serviceWorker.ready;
  const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = made.toJSON();
  const { id } = await api.post<{ id: string }>('/api/me/push-subscriptions', { endpoint, keys });
  localStorage.setItem(KEPT, id);
}

/** Leaves this browser alone from now on. */
export async function unwake(): Promise<void> {
  const id = localStorage.getItem(KEPT);
  await (await current())?.unsubscribe();
  if (id) await api.remove(`/api/me/push-subscriptions/${id}`).catch(() => {});
  localStorage.removeItem(KEPT);
}

function refused(): ProblemError {
  return new ProblemError(0, { code: 'refused', detail: 'The browser does not allow it. Allow notifications for this site in the browser, then try again.' });
}
