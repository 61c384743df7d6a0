/** Two people changed the same thing: what neither or one of them touched is taken as it is now, what both changed clashes. */
export interface Merged<T> { form: T; clashes: (keyof T)[] }

/** `base` is what was read, `mine` what was typed on it, `theirs` what the server has now. What was typed always stays in the form. */
export function merge<T extends object>(base: T, mine: T, theirs: T): Merged<T> {
  const form = { ...mine };
  const clashes: (keyof T)[] = [];
  for (const key of Object.keys(mine) as (keyof T)[]) {
    if (theirs[key] === base[key] || theirs[key] === mine[key]) continue;
    if (mine[key] === base[key]) form[key] = theirs[key];
    else clashes.push(key);
  }
  return { form, clashes };
}
