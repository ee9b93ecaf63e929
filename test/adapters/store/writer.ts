/** A process of its own that the tests kill: `writer.ts hold|write <file> <key>`. It says on stdout what the store has acknowledged. */
import { openStore } from '../../../src/adapters/store/store.ts';
import { story } from '../../contract/store.ts';

const [task, file = '', auditKey = ''] = process.argv.slice(2);
const store = await openStore({ file, auditKey, alone: true });
console.log('open');
if (task === 'write') {
  const at = '2026-11-20T12:00:00.000Z';
  const scope = { cloud: 'aws', level: 'account', id: '123456789012' } as const;
  const place = { scope, region: 'us-east-1' };
  for (;;) {
    const { number } = await store.audit({ at, who: 'ada', what: 'asked', data: {} });
    const id = `${process.pid}-${number}`;
    await store.save([
      { incident: story({ id }), effects: [{ kind: 'show' }], audit: [{ at, who: 'ada', what: 'saved', incident: id, data: {} }] },
    ]);
    const evidence = [id];
    const observation = { kind: 'principal.acted' as const, id, at, heard: at, by: 'test', place, evidence, operation: 'x' };
    await store.keep({ name: 'test', scope }, { observations: [observation], raw: {}, cursors: { at: id } });
    console.log(id);
  }
}
setInterval(() => {}, 60_000);
