/** `doctor`: tokens, permissions and delivery, in plain words. Changes nothing. */
import { diagnoseAws } from '../adapters/aws/doctor.ts';
import { approvers } from '../bot/people.ts';
import { policyOf } from '../config.ts';
import { declaredPermissions } from './iam.ts';
import { endpointsElsewhere, openAccounts, openConfig, openData } from './open.ts';

type Diagnosis = { what: string; ok: boolean | 'warning'; say: string; fix?: string };

export async function doctor({ spend, json }: { spend?: boolean; json?: boolean }): Promise<void> {
  let failed = 0;
  let warned = 0;
  const tell = ({ what, ok, say, fix }: Diagnosis) => {
    if (ok === false) failed += 1;
    if (ok === 'warning') warned += 1;
    const mark = ok === true ? 'ok      ' : ok === false ? 'FAILED  ' : 'look at ';
    process.stdout.write(
      json ? `${JSON.stringify({ what, ok, say, fix: fix ?? null })}\n` : `${mark}${what}: ${say}${fix ? `\n        → ${fix}` : ''}\n`,
    );
  };
  const { config, log } = openConfig();
  tell({ what: 'configuration', ok: true, say: 'it is read without a mistake' });
  for (const endpoint of endpointsElsewhere())
    tell({ what: 'endpoint', ok: 'warning', say: `${endpoint}: it does not point where it usually does` });
  const policy = policyOf(config);
  const admins = approvers(policy);
  if (admins.length === 0)
    tell({ what: 'people', ok: 'warning', say: 'nobody may approve, so the bot only observes', fix: 'name an admin in config → people' });
  else if (policy.people.length === 1 && Number.isFinite(policy.twoPeopleAboveUsdPerHour)) {
    tell({
      what: 'people',
      ok: 'warning',
      say: `only ${admins[0]?.name} is configured, so above $${policy.twoPeopleAboveUsdPerHour}/h nobody can approve`,
      fix: 'name a second person, or take approval.twoPeopleAboveUsdPerHour out',
    });
  } else tell({ what: 'people', ok: true, say: `${admins.map((one) => one.name).join(', ')} may approve` });
  try {
    const store = await openData(config.data, log);
    const audit = await store.verifyAudit();
    tell(
      audit.ok
        ? { what: 'audit', ok: true, say: `the chain holds, ${audit.rows} rows` }
        : {
            what: 'audit',
            ok: false,
            say: `the chain does not hold at row ${audit.number}: ${audit.why}`,
            fix: 'keep the database as it is and find out who changed it',
          },
    );
    await store.close();
  } catch (error) {
    tell({ what: 'database', ok: false, say: error instanceof Error ? error.message : String(error) });
  }
  const declared = await declaredPermissions();
  for (const account of await openAccounts(config, log)) {
    const permissions = [...declared.read, ...(account.remedier ? declared.act : [])];
    const { read, act } = account.config;
    const roles = { ...(read ? { read: read.role } : {}), ...(act ? { act: act.role } : {}) };
    for await (const one of diagnoseAws(account.session, permissions, {
      roles,
      ...(account.config.costs?.exports === undefined ? {} : { exports: account.config.costs.exports }),
      ...(spend ? { spend: { day: new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10) } } : {}),
    }))
      tell({ ...one, what: `${account.name}: ${one.what}` });
    account.session.close();
  }
  for (const one of await diagnoseChats()) tell(one);
  const also = warned > 0 ? `, ${warned} to look at` : '';
  process.stdout.write(json ? '' : failed === 0 ? `\nNothing is broken${also}.\n` : `\n${failed} to mend${also}.\n`);
  if (failed > 0) process.exitCode = 1;

  /** A token that connects is a token that works; nothing is posted. */
  async function diagnoseChats(): Promise<Diagnosis[]> {
    const { openChats } = await import('./start.ts');
    const { openStore } = await import('../adapters/store/store.ts');
    const { systemClock } = await import('../adapters/clock.ts');
    const store = await openStore({ file: ':memory:', auditKey: 'a key that is kept nowhere, for a store that is kept nowhere' });
    const deaf = { form: async () => undefined, press: async () => undefined, command: async () => undefined };
    const told: Diagnosis[] = [];
    const { console: _, ...remote } = config.chat;
    for (const chat of await openChats({ ...config, chat: remote }, store, systemClock, log)) {
      try {
        await chat.start(deaf);
        const trouble = chat.trouble();
        told.push(
          trouble
            ? { what: chat.platform, ok: false, say: trouble }
            : { what: chat.platform, ok: true, say: `connected; alerts go to ${chat.room}` },
        );
      } catch (error) {
        told.push({ what: chat.platform, ok: false, say: error instanceof Error ? error.message : String(error) });
      } finally {
        await chat.stop().catch(() => undefined);
      }
    }
    await store.close();
    return told;
  }
}
