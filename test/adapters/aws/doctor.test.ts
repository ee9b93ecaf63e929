import { describe, expect, it } from 'vitest';
import { type Diagnosis, diagnoseAws, doctorPermissions } from '../../../src/adapters/aws/doctor.ts';
import { remedyPermissions } from '../../../src/adapters/aws/remedies/index.ts';
import { permit } from '../../../src/adapters/aws/remedies/verb.ts';
import { actions, type Given, given, roles } from './remedies/given.ts';
import { account, type World } from './remedies/stand-in.ts';

const permissions = [
  ...permit('ec2:DescribeRegions', 'ec2:DescribeInstances', 'cloudtrail:LookupEvents', 'ce:GetCostAndUsage', 'iam:ListUsers'),
  ...remedyPermissions.read,
  ...remedyPermissions.act,
];
const healthy: Partial<World> = {
  machines: { 'us-east-1': { 'i-0abc': { state: 'running', type: 'm5.large', stopProtection: false } }, 'ap-south-1': {} },
};

async function diagnose({ session }: Given, options: Parameters<typeof diagnoseAws>[2] = { roles }): Promise<Diagnosis[]> {
  const said: Diagnosis[] = [];
  for await (const diagnosis of diagnoseAws(session, permissions, options)) said.push(diagnosis);
  return said;
}
const about = (said: Diagnosis[], what: string) => said.find((one) => one.what === what);

describe('the doctor', () => {
  it('finds nothing wrong in a healthy account, and says what it did not try', async () => {
    const said = await diagnose(await given(healthy));

    expect(said.filter((one) => one.ok === false)).toEqual([]);
    expect(said.filter((one) => one.ok === 'warning')).toEqual([
      { what: 'ce:GetCostAndUsage', ok: 'warning', say: expect.stringContaining('$0.01'), fix: expect.stringContaining('--spend') },
    ]);
    expect(new Set(said.map((one) => one.what))).toEqual(
      new Set(['identity', 'acting', ...permissions.map((one) => one.name).filter((name) => name !== 'sts:GetCallerIdentity')]),
    );
  });

  it('changes nothing and spends nothing', async () => {
    const here = await given(healthy);
    const before = structuredClone(here.world);

    await diagnose(here);

    expect(here.world).toEqual(before);
    const writes = here.calls.filter((call) => !/:(Describe|Get|List|Lookup|Simulate|Assume)/.test(call.action));
    expect(writes.map((call) => call.action).sort()).toEqual(['ec2:ModifyInstanceAttribute', 'ec2:StartInstances', 'ec2:StopInstances']);
    expect(writes.every((call) => call.dryRun && JSON.stringify(call.parameters).includes('i-00000000000000000'))).toBe(true);
    expect(actions(here.calls)).not.toContain('ce:GetCostAndUsage');
    expect(here.session.meter.take().reduce((usd, one) => usd + one.usd, 0)).toBe(0);
  });

  it('calls nothing that is not declared', async () => {
    const here = await given(healthy);

    await diagnose(here);

    const declared = new Set([...permissions, ...doctorPermissions].map((one) => one.name));
    expect(actions(here.calls).filter((action) => !declared.has(action))).toEqual([]);
  });

  it('tries Cost Explorer when it may spend', async () => {
    const here = await given(healthy);

    const said = await diagnose(here, { roles, spend: { day: '2025-11-22' } });

    expect(about(said, 'ce:GetCostAndUsage')).toEqual({ what: 'ce:GetCostAndUsage', ok: true, say: 'allowed' });
  });

  it.each([
    [`arn:aws:iam::${account}:root`, false, /root/],
    [`arn:aws:iam::${account}:user/ada`, 'warning', /IAM user ada.*quarantine/],
  ])('says what is wrong with running as %s', async (caller, ok, words) => {
    const said = await diagnose(await given({ ...healthy, caller }));

    expect(about(said, 'identity')).toMatchObject({ ok, say: expect.stringMatching(words), fix: expect.stringContaining('role') });
  });

  it('warns when the bot lives in the account it guards', async () => {
    const said = await diagnose(await given(healthy), {});

    expect(about(said, 'home')).toMatchObject({ ok: 'warning', say: expect.stringContaining('switch it off') });
  });

  it('stops at the first step when nobody is let in', async () => {
    const said = await diagnose(await given({ faults: { 'sts:AssumeRole': { code: 'AccessDenied', status: 403, times: 9 } } }));

    expect(said).toEqual([expect.objectContaining({ what: 'identity', ok: false, fix: expect.stringContaining('external id') })]);
  });

  it('names each reading permission that is missing', async () => {
    const denied = { code: 'AccessDenied', status: 403, times: 9 };
    const here = await given({ ...healthy, faults: { 'cloudtrail:LookupEvents': denied, 'iam:GetUserPolicy': denied } });

    const said = await diagnose(here);

    expect(said.filter((one) => one.ok === false).map(({ what, fix }) => ({ what, fix }))).toEqual([
      { what: 'cloudtrail:LookupEvents', fix: expect.stringContaining('grant cloudtrail:LookupEvents to the read role') },
      { what: 'iam:GetUserPolicy', fix: expect.stringContaining('grant iam:GetUserPolicy to the read role') },
    ]);
  });

  it('names the regions it is blind in', async () => {
    const here = await given({ ...healthy, faults: { 'ec2:DescribeInstances': { code: 'UnauthorizedOperation', status: 403, times: 1 } } });

    const said = await diagnose(here);

    expect(about(said, 'ec2:DescribeInstances')).toMatchObject({
      ok: false,
      say: expect.stringMatching(/cannot be read in (us-east-1|ap-south-1):/),
    });
  });

  it('names what the act role may not do', async () => {
    const denied = { code: 'UnauthorizedOperation', status: 403, times: 9 };
    const here = await given({ ...healthy, deniedInSimulation: ['iam:PutUserPolicy'], faults: { 'ec2:StopInstances': denied } });

    const said = await diagnose(here);

    expect(said.filter((one) => one.ok === false).map(({ what, fix }) => ({ what, fix }))).toEqual([
      { what: 'ec2:StopInstances', fix: expect.stringContaining('grant ec2:StopInstances to the act role') },
      { what: 'iam:PutUserPolicy', fix: expect.stringContaining(`grant iam:PutUserPolicy to ${roles.act}`) },
    ]);
  });

  it('admits what it cannot tell', async () => {
    const here = await given({ ...healthy, faults: { 'iam:SimulatePrincipalPolicy': { code: 'AccessDenied', status: 403, times: 9 } } });

    const said = await diagnose(here);

    expect(about(said, 'iam:UpdateAccessKey')).toMatchObject({ ok: 'warning', say: expect.stringContaining('cannot be told') });
  });
});
