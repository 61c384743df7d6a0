export type Theme = 'system' | 'light' | 'dark';

export function theme(): Theme {
  const chosen = localStorage.getItem('theme');
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}

/** Chooses for this browser; the head of index.html does the same before anything is drawn. */
export function setTheme(chosen: Theme): void {
  if (chosen === 'system') {
    localStorage.removeItem('theme');
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem('theme', chosen);
    document.documentElement.dataset.theme = chosen;
  }
}
