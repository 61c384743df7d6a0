import { expect, it } from 'vitest';
import { spark } from './spark';

it('draws values between their extremes, the target among them', () => {
  expect(spark([40, 30], 20)).toEqual({ line: 'M1.0 3.0L99.0 14.0', goal: 'M1 25.0H99', dot: 'M99.0 14.0h.01' });
  expect(spark([], 20).line).toBe('');
  expect(spark([5], null)).toMatchObject({ line: 'M99.0 14.0', goal: null });
});
