/** Lets a text area grow with its text where the browser does not do so by itself (`field-sizing`). */
export function grow(node: HTMLTextAreaElement): () => void {
  if (CSS.supports('field-sizing', 'content')) return () => {};
  const fit = () => {
    node.style.height = 'auto';
    node.style.height = `${node.scrollHeight + 2}px`;
  };
  fit();
  node.addEventListener('input', fit);
  return () => node.removeEventListener('input', fit);
}
