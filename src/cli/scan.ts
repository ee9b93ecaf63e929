/** `scan`: one look at everything; findings, blind spots and prices. Nothing is stored and nobody is told. */
import { randomBytes } from 'node:crypto';
import { openStore } from '../adapters/store/store.ts';
import { createInspector } from '../bot/inspect.ts';
import { findingLine } from '../bot/line.ts';
import type { Finding } from '../checks/check.ts';
import { checks } from '../checks/index.ts';
import { paramsOf } from '../config.ts';
import { openAccounts, openConfig } from './open.ts';
import { asTable, progress } from './terminal.ts';

export async function scan({ json }: { json?: boolean }): Promise<void> {
  const { config, log } = openConfig();
  const store = await openStore({ file: ':memory:', auditKey: randomBytes(32), log });
  const inspector = createInspector({ checks, params: paramsOf(config) });
  const known = new Map(checks.map((check) => [check.id, check]));
  const findings = new Map<string, Finding>();
  const problems: string[] = [];
  const bar = progress();
  const accounts = await openAccounts(config, log);
  for (const account of accounts) {
    for (const source of account.sources) {
      bar.show(`${account.name}: ${source.name}`);
      try {
        for await (const batch of source.collect({})) {
          const { changed, withdrawn, broken } = inspector.inspect(await store.keep(source, batch));
          for (const finding of changed) findings.set(finding.key, finding);
          for (const { key } of withdrawn) findings.delete(key);
          problems.push(...broken.map((one) => `the check ${one.check} failed: ${one.error}`));
        }
      } catch (error) {
        problems.push(`${account.name}: ${source.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  bar.clear();
  const looks = await store.looks();
  const machines = await store.machines({ running: true });
  const blind = looks.filter((look) => !look.complete);
  const cost = accounts.flatMap((account) => account.meter()).reduce((sum, call) => sum + call.usd, 0);
  await store.close();
  if (json) {
    const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
    for (const finding of findings.values()) print({ kind: 'finding', ...findingLine(finding, '', known.get(finding.check)) });
    for (const machine of machines) print({ kind: 'machine', ...machine });
    for (const look of blind)
      print({ kind: 'blind spot', source: look.source, account: look.place.scope.id, region: look.place.region, why: look.gap ?? '' });
    for (const why of problems) print({ kind: 'blind spot', source: null, account: null, region: null, why });
  } else {
    const out = process.stdout;
    out.write(
      findings.size === 0
        ? 'Nothing was found.\n'
        : asTable(
            ['severity', 'region', 'what'],
            [...findings.values()].map((finding) => [finding.severity, finding.place.region, finding.title]),
          ),
    );
    if (machines.length > 0) {
      const rows = machines.map((machine) => [
        machine.place.region,
        machine.shape.type,
        machine.usdPerHour === undefined ? '?' : `$${machine.usdPerHour.toFixed(2)}/h${machine.estimated ? ' (estimated)' : ''}`,
        machine.resource.split('/').at(-1) ?? '',
      ]);
      out.write(`\n${asTable(['region', 'type', 'list price', 'machine'], rows)}`);
    }
    out.write(
      blind.length + problems.length === 0
        ? '\nEverything could be seen.\n'
        : `\nNot seen:\n${[...blind.map((look) => `  ${look.source} ${look.place.region}: ${look.gap ?? 'incomplete'}`), ...problems.map((why) => `  ${why}`)].join('\n')}\n`,
    );
    if (cost > 0) out.write(`These calls cost $${cost.toFixed(2)}.\n`);
  }
  if (problems.length > 0) process.exitCode = 1;
}
