// One page that draws itself in the browser; nothing is rendered ahead.
export const ssr = false;
export const prerender = false;
