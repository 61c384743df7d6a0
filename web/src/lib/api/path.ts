/** The path of an address of this server: the session's cookie goes only there. */
export function pathOf(url: string): string {
  return new URL(url, location.origin).pathname;
}
