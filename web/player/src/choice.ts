/** Which captions to show. Languages are BCP 47 tags; "" stands for none. Nothing here touches the page. */

const root = (language: string) => language.toLowerCase().split('-')[0]!;

/** That language, or the same in another country. */
function near(languages: readonly string[], wanted: string): string | undefined {
  const same = (one: string) => one.toLowerCase() === wanted.toLowerCase();
  return languages.find(same) ?? languages.find((one) => root(one) === root(wanted));
}

/** What is shown of these: what was chosen last, else the first language that its reader prefers, else the first there is. */
export function choose(languages: readonly string[], chosen: string | null, preferred: readonly string[]): string {
  if (chosen === '') return '';
  for (const wanted of chosen ? [chosen, ...preferred] : preferred) {
    const found = near(languages, wanted);
    if (found) return found;
  }
  return languages[0] ?? '';
}

/** What comes after `now`: the preferred language, then the others in their order, then none. */
export function nextAfter(languages: readonly string[], now: string, preferred: readonly string[]): string {
  const first = choose(languages, null, preferred);
  const order = [first, ...languages.filter((one) => one !== first), ''];
  return order[(order.indexOf(now) + 1) % order.length]!;
}
