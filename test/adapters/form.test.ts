import { describe, expect, it } from 'vitest';
import { checkForm } from '../../src/adapters/form.ts';
import type { Form } from '../../src/bot/message.ts';

const form: Form = {
  title: 'This is expected',
  submit: 'Save',
  fields: [
    { id: 'days', label: 'For how many days', kind: 'number', min: 1, max: 30, initial: 7 },
    { id: 'region', label: 'Where', kind: 'choice', options: [{ value: 'eu-west-1', label: 'Ireland' }], initial: 'eu-west-1' },
    { id: 'why', label: 'Why', kind: 'text', most: 10 },
    { id: 'ticket', label: 'Ticket', kind: 'text', most: 10, optional: true },
  ],
};
const typed = { days: '7', region: 'eu-west-1', why: 'load test', ticket: '' };

describe('a submitted form', () => {
  it('gives its own fields, without the blanks around them, and nothing else', () => {
    const checked = checkForm(form, { ...typed, days: ' 7 ', role: 'admin', constructor: 'x' });

    expect(checked).toEqual({ kind: 'good', values: typed });
  });

  it('may leave out what is optional', () => {
    const { ticket: _, ...rest } = typed;

    expect(checkForm(form, rest)).toEqual({ kind: 'good', values: typed });
  });

  it.each([
    ['days', '0', 'A number from 1 to 30, please.'],
    ['days', '31', 'A number from 1 to 30, please.'],
    ['days', 'Infinity', 'A number from 1 to 30, please.'],
    ['days', 'a week', 'A number from 1 to 30, please.'],
    ['days', '', 'A number from 1 to 30, please.'],
    ['region', 'us-east-1', 'Please choose one of these.'],
    ['why', '   ', 'Please write something here.'],
    ['why', 'a long story', 'At most 10 characters, please.'],
    ['ticket', 'OPS-1234567', 'At most 10 characters, please.'],
  ])('with %s = %j is sent back with the reason', (field, value, reason) => {
    expect(checkForm(form, { ...typed, [field]: value })).toEqual({ kind: 'wrong', fields: { [field]: reason } });
  });

  it('names all fields that are wrong at once', () => {
    expect(checkForm(form, {})).toMatchObject({
      kind: 'wrong',
      fields: { days: expect.any(String), region: expect.any(String), why: expect.any(String) },
    });
  });
});
