import { describe, expect, it } from 'vitest';
import { bounded, causeCode, inTime } from '../../src/adapters/reaching.ts';

describe('waiting', () => {
  const late = () => new Error('too late');

  it('gives what the work gives when it is done in time', async () => {
    await expect(inTime(Promise.resolve('done'), Date.now() + 60_000, late)).resolves.toBe('done');
  });

  it('ends with the work’s own error when it fails in time', async () => {
    await expect(inTime(Promise.reject(new Error('refused')), Date.now() + 60_000, late)).rejects.toThrow('refused');
  });

  it('ends when the time is over', async () => {
    await expect(inTime(new Promise(() => {}), Date.now() - 1, late)).rejects.toThrow('too late');
  });
});

describe('a bounded map', () => {
  it('forgets its oldest entries, not those that are only written anew', () => {
    const map = bounded<string, number>(2);

    map.set('a', 1).set('b', 2).set('a', 3);
    expect([...map]).toEqual([
      ['a', 3],
      ['b', 2],
    ]);
    map.set('c', 4);
    expect([...map.keys()]).toEqual(['b', 'c']);
  });
});

describe('the code behind a failure', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

  it.each([
    ['of the error itself', refused],
    ['of its cause', new TypeError('fetch failed', { cause: refused })],
    ['of one of several tries', new TypeError('fetch failed', { cause: new AggregateError([refused]) })],
  ])('is found: %s', (_where, error) => {
    expect(causeCode(error)).toBe('ECONNREFUSED');
  });

  it('is nothing where there is none', () => {
    expect([new Error('no'), 'text', undefined].map(causeCode)).toEqual([undefined, undefined, undefined]);
  });
});
