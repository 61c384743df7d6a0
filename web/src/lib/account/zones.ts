/** Every time zone the browser knows, with the one in use among them. */
export function zones(used: string): string[] {
  const known = Intl.supportedValuesOf('timeZone');
  return known.includes(used) ? known : [used, ...known];
}
