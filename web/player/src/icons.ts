/** The player's icons, drawn on the grid of the design's masks; as elements they need no image permission of the page. */

const line = (d: string) =>
  `<svg viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${d}</svg>`;
const solid = (d: string) => `<svg viewBox="0 0 12 12" fill="currentColor" aria-hidden="true">${d}</svg>`;

export const PLAY = solid('<path d="M3 1.6v8.8a.6.6 0 0 0 .9.5l7-4.4a.6.6 0 0 0 0-1l-7-4.4a.6.6 0 0 0-.9.5Z"/>');
export const PAUSE = solid('<rect x="2.3" y="1.5" width="2.7" height="9" rx=".8"/><rect x="7" y="1.5" width="2.7" height="9" rx=".8"/>');
export const VOLUME = line('<path d="M3.5 8v4H6l4 3.5v-11L6 8ZM13 7.5a3.5 3.5 0 0 1 0 5M15.2 5a7 7 0 0 1 0 10"/>');
export const MUTED = line('<path d="M3.5 8v4H6l4 3.5v-11L6 8ZM13.5 8l4 4M17.5 8l-4 4"/>');
export const CAPTIONS = line(
  '<rect x="2.5" y="4.5" width="15" height="11" rx="2.5"/><path d="M8.6 8.8a1.9 1.9 0 1 0 0 2.4M14.2 8.8a1.9 1.9 0 1 0 0 2.4"/>',
);
export const PIP = line(
  '<rect x="2.5" y="4" width="15" height="12" rx="2"/><rect x="10" y="10" width="5" height="3.5" rx=".6" fill="currentColor"/>',
);
export const FULL = line('<path d="M3.5 7.5v-4h4M16.5 7.5v-4h-4M3.5 12.5v4h4M16.5 12.5v4h-4"/>');
