/** A plot of 100 by 28 units: the line, the target and the last point. The values are always written beside it. */
export function spark(values: number[], target: number | null): { line: string; goal: string | null; dot: string | null } {
  if (values.length === 0) return { line: '', goal: null, dot: null };
  const all = target === null ? values : [...values, target];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const y = (value: number) => (high === low ? 14 : 25 - ((value - low) / (high - low)) * 22).toFixed(1);
  const x = (i: number) => (values.length === 1 ? 99 : 1 + (i / (values.length - 1)) * 98).toFixed(1);
  const points = values.map((value, i) => `${x(i)} ${y(value)}`);
  return { line: `M${points.join('L')}`, goal: target === null ? null : `M1 ${y(target)}H99`, dot: `M${points.at(-1)}h.01` };
}
