import type { Form } from '../bot/message.ts';

export type Checked = { kind: 'good'; values: Record<string, string> } | { kind: 'wrong'; fields: Record<string, string> };

/** What was typed, held against the form on the server: only its fields are taken, and each must keep its bounds. */
export function checkForm(form: Form, typed: Record<string, string>): Checked {
  const values: Record<string, string> = {};
  const wrong: Record<string, string> = {};
  for (const field of form.fields) {
    const value = (Object.hasOwn(typed, field.id) ? (typed[field.id] ?? '') : '').trim();
    const complaint = complain(field, value);
    if (complaint) wrong[field.id] = complaint;
    else values[field.id] = value;
  }
  return Object.keys(wrong).length > 0 ? { kind: 'wrong', fields: wrong } : { kind: 'good', values };
}

function complain(field: Form['fields'][number], value: string): string | undefined {
  switch (field.kind) {
    case 'number': {
      const number = value === '' ? Number.NaN : Number(value);
      const fits = Number.isFinite(number) && number >= field.min && number <= field.max;
      return fits ? undefined : `A number from ${field.min} to ${field.max}, please.`;
    }
    case 'choice':
      return field.options.some((option) => option.value === value) ? undefined : 'Please choose one of these.';
    case 'text':
      if (value === '' && !field.optional) return 'Please write something here.';
      return value.length > field.most ? `At most ${field.most} characters, please.` : undefined;
    default:
      return field satisfies never;
  }
}
