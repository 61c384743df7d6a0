/** Shows a native dialog: Esc and the scrim call `close`, which takes it out of the page. The answer gives the focus back to where it was. */
export function modal(dialog: HTMLDialogElement, close: () => void): () => void {
  const before = document.activeElement;
  const on = new AbortController();
  // The event `close` comes a task later than the key, and until then a shortcut would find the dialog gone but its field still
  // focused. A file picker inside that was called off bubbles `cancel` too.
  dialog.addEventListener('cancel', (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    close();
  }, on);
  dialog.addEventListener('close', close, on);
  dialog.addEventListener('click', (event) => event.target === dialog && close(), on);
  dialog.showModal();
  return () => {
    on.abort();
    if (before instanceof HTMLElement) before.focus();
  };
}
