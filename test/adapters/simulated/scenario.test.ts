import { readdir, readFile } from 'node:fs/promises';
import { DescribeInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { PutUserPolicyCommand, UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import { describe, expect, it } from 'vitest';
import { attackBegins, parseScenario, readScenario, ScenarioError, scenarioJsonSchema } from '../../../src/adapters/simulated/scenario.ts';
import { adasKey, lookUp, recordOf, running, smallAccount } from './account.ts';

const folder = 'config/scenarios';
const scenario = (name: string) => readScenario(`${folder}/${name}.yaml`);

async function mistakes(yaml: string): Promise<string[]> {
  try {
    await parseScenario(yaml, 'mine.yaml');
  } catch (error) {
    if (error instanceof ScenarioError) return error.mistakes;
    throw error;
  }
  return [];
}

describe('reading', () => {
  it('reads every scenario that is shipped', async () => {
    const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml'));

    const read = await Promise.all(files.map((file) => readScenario(`${folder}/${file}`)));

    expect(files).toEqual(expect.arrayContaining(['quiet.yaml', 'stolen-key.yaml', 'relentless.yaml']));
    expect(read.every((each) => each.name.length > 0)).toBe(true);
  });

  it('reads the catalogue of attacks and normal accounts, each labelled, no two with the same account or key', async () => {
    const files = (await readdir(folder, { recursive: true })).filter((file) => /^(attacks|normal)\/.*\.yaml$/.test(file)).sort();

    const read = await Promise.all(files.map((file) => readScenario(`${folder}/${file}`)));

    expect(files.length).toBeGreaterThan(40);
    const isAttack = files.map((file) => file.startsWith('attacks/'));
    expect(read.map((each) => each.label?.kind === 'attack')).toEqual(isAttack);
    expect(read.map((each) => attackBegins(each) !== undefined)).toEqual(isAttack);
    const ids = read.flatMap((each) => [each.account.id, ...each.users.flatMap((user) => user.keys.map((key) => key.id))]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('takes a call under any name its service goes by, and parameters with either first letter', async () => {
    const found = await mistakes(`
name: Mine
account: { id: "123456789012", name: mine, regions: [eu-central-1] }
users: [{ name: ada, from: 192.0.2.7, keys: [{}] }]
attack:
  - { at: +1m, as: ada, call: "service-quotas:GetServiceQuota", with: { serviceCode: ec2, QuotaCode: L-1216C47A } }
  - { at: +2m, as: ada, call: "emr:RunJobFlow", with: { name: x, instances: {} } }
  - { at: +3m, as: ada, call: "ecs:CreateCluster", with: { clusterNam: x } }`);

    expect(found).toEqual(['attack[2].with.clusterNam: AWS knows no such parameter; write clusterName']);
  });

  it('keeps what people declared, and says when it points nowhere', async () => {
    const declared = await smallAccount(
      'expected: [{ who: ada, what: machines, region: us-west-2, from: -1d, until: +8h, capUsdPerHour: 12 }]',
    );
    const found = await mistakes(`
name: Mine
account: { id: "123456789012", name: mine, regions: [eu-central-1] }
users: [{ name: ada, from: 192.0.2.7, keys: [{}], groups: [admin], policies: [mine] }]
groups: [{ name: admins }]
expected: [{ who: role/nobody, what: machines, from: +1h, until: +2h }]`);

    expect(declared.expected).toEqual([
      { who: 'ada', what: 'machines', region: 'us-west-2', from: -86_400, until: 28_800, capUsdPerHour: 12, why: '' },
    ]);
    expect(found[0]).toMatch(/^users\[0\]\.policies\[0\]: "mine" is not one of the managed policies known here/);
    const later = await mistakes(`
name: Mine
account: { id: "123456789012", name: mine, regions: [eu-central-1] }
users: [{ name: ada, from: 192.0.2.7, keys: [{}], groups: [admin] }]
groups: [{ name: admins }]
expected: [{ who: role/nobody, what: machines, from: +1h, until: +2h }]`);
    expect(later).toEqual([
      'users[0].groups[0]: there is no group "admin"; write admins',
      'expected[0].who: there is no role "nobody"; there is none to choose from',
    ]);
  });

  it('keeps the schema for editors in step', async () => {
    const file: unknown = JSON.parse(await readFile(`${folder}/scenario.schema.json`, 'utf8'));

    expect(file).toEqual(JSON.parse(JSON.stringify(scenarioJsonSchema())));
  });

  it('knows every machine type that has a list price, also the newest and the largest', async () => {
    const launch = (type: string) =>
      `name: Mine\naccount: { id: "123456789012", name: mine, regions: [eu-central-1] }\nusers: [{ name: ada, from: 192.0.2.7, keys: [{}] }]
attack: [{ at: +1m, as: ada, call: "ec2:RunInstances", region: us-west-2, with: { ImageId: ami-1, InstanceType: ${type}, MinCount: 1, MaxCount: 1 } }]`;

    const found = await Promise.all(['p4d.24xlarge', 'p5.48xlarge', 'c6i.32xlarge', 'p3.16xlarge'].map((type) => mistakes(launch(type))));

    expect(found.flat()).toEqual([]);
  });

  it('names every mistake of form with its place and what to write', async () => {
    const found = await mistakes(`
name: Mine
account: { id: 123, name: mine, regions: [eu-central-9] }
userz: []
users: [{ name: ada, polices: [], policies: [AdministratorAcces] }]
attack: [{ at: 5 minutes, as: ada, call: RunInstances }]`);

    expect(found).toEqual([
      'account.id: write text (numbers in quotes)',
      'account.regions[0]: there is no region "eu-central-9"; write eu-central-1',
      'users[0].policies[0]: "AdministratorAcces" is not one of the managed policies known here; write AdministratorAccess',
      'users[0].polices: there is no such setting; write policies',
      'attack[0].at: write a time relative to the start such as +5m, +1h30m or -90d',
      "attack[0].call: write service:Operation in AWS's own names, such as ec2:RunInstances",
      'userz: there is no such setting; write users',
    ]);
  });

  it('names what points nowhere: people, results, calls, parameters, machine types', async () => {
    const found = await mistakes(`
name: Mine
account: { id: "123456789012", name: mine, regions: [eu-central-1] }
users: [{ name: ada, from: 192.0.2.7, keys: [{}] }, { name: grace }]
attack:
  - { at: +1m, as: aba, call: "ec2:DescribeInstances" }
  - { at: +2m, as: grace, from: 192.0.2.8, call: "ec2:DescribeInstances" }
  - { at: +3m, as: ada, call: "ec2:RunInstance" }
  - { at: +4m, as: ada, call: "ec2:RunInstances", with: { InstanceTyp: m5.large, InstanceType: m5.lrage, MinCount: "1" } }
  - { at: +5m, as: "\${backdoor.key}", from: 192.0.2.8, call: "iam:ListUsers" }
  - { at: +6m, as: console/grace, call: "iam:ListUsers" }`);

    expect(found).toEqual([
      'attack[0].as: nobody is called "aba"; write ada',
      'attack[1].as: grace has no key to act with; give the user one under keys, or write console/grace',
      'attack[2].call: AWS has no ec2:RunInstance; write ec2:RunInstances',
      'attack[3].with.InstanceTyp: AWS knows no such parameter; write InstanceType',
      'attack[3].with.MinCount: write a number',
      'attack[3].with.InstanceType: "m5.lrage" has no price here; write m5.large, or add it under types',
      'attack[4].as: nothing was saved as "backdoor" before; there is none to choose from',
      'attack[5].from: say which address the call comes from, here or with the user or role',
    ]);
  });

  it('says what is wrong with a file that is not YAML', async () => {
    expect(await mistakes('name: [')).not.toEqual([]);
  });
});

describe('the past', () => {
  it('is there to be read back: ninety days of ordinary calls, the same for the same seed', async () => {
    const read = async () => {
      const { bot, simulated } = await running(await scenario('stolen-key'));
      const events = await lookUp(bot.cloudTrail('eu-central-1'));
      return { all: simulated.state.events(), events };
    };

    const [once, again] = [await read(), await read()];

    expect(once.all).toBeGreaterThan(500);
    expect(once.all).toBeLessThan(2500);
    expect(once.events.at(-1)?.EventTime?.getTime()).toBeLessThan(Date.parse('2025-12-15T00:00:00Z'));
    expect(again.events.map((event) => event.CloudTrailEvent)).toEqual(once.events.map((event) => event.CloudTrailEvent));
  });

  it('holds machines that came and went, and those that stayed', async () => {
    const { bot, simulated } = await running(await scenario('stolen-key'));

    const builds = await lookUp(bot.cloudTrail(), {
      LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'TerminateInstances' }],
    });

    expect(builds.length).toBeGreaterThan(20);
    expect(builds.every((event) => recordOf(event).errorCode === undefined)).toBe(true);
    expect(simulated.state.instances({ state: 'running' })).toHaveLength(7);
    expect(simulated.state.instances({ state: 'stopped' })).toHaveLength(1);
  });

  it('lets the stolen key sleep for three months', async () => {
    const { bot } = await running(await scenario('stolen-key'));

    const uses = await lookUp(bot.cloudTrail(), {
      LookupAttributes: [{ AttributeKey: 'AccessKeyId', AttributeValue: 'AKIAIOSFODNN7EXAMPLE' }],
    });

    expect(uses.length).toBeGreaterThan(0);
    expect(uses.every((event) => (event.EventTime?.getTime() ?? 0) < Date.parse('2025-12-15T00:00:00Z'))).toBe(true);
  });
});

describe('playing', () => {
  it('goes on with normal life: a quiet day brings calls and no foreign machines', async () => {
    const { clock, simulated } = await running(await scenario('quiet'));
    const before = simulated.state.events();

    await clock.advance(86_400);

    expect(simulated.state.events()).toBeGreaterThan(before + 8);
    expect(simulated.state.users()).toContain('linus');
    const regions = new Set(simulated.state.instances().map((instance) => instance.region));
    expect([...regions].sort()).toEqual(['eu-central-1', 'eu-west-1']);
  });

  it('lets the thief have 24 machines in four new regions when nobody intervenes', async () => {
    const { clock, simulated } = await running(await scenario('stolen-key'));

    await clock.advance(170);
    expect(simulated.state.runningSinceStart()).toBe(0);
    await clock.advance(600);

    expect(simulated.state.runningSinceStart()).toBe(24);
    expect(simulated.state.users()).toContain('user-x1x2');
    expect(simulated.state.keysOf('user-x1x2')).toHaveLength(1);
    expect(simulated.state.isLogging('main')).toBe(false);
    const [backdoor] = simulated.state.instances({ region: 'sa-east-1' });
    expect(backdoor?.launchedBy).toBe('arn:aws:iam::123456789012:user/user-x1x2');
  });

  it('refuses the thief once key and user are cut, and writes the attempts down', async () => {
    const { bot, clock, simulated } = await running(await scenario('stolen-key'));
    const deny = JSON.stringify({ Statement: { Effect: 'Deny', Action: '*', Resource: '*' } });

    await clock.advance(225);
    await bot.iam().send(new PutUserPolicyCommand({ UserName: 'ci-deploy', PolicyName: 'cut', PolicyDocument: deny }));
    await clock.advance(900);

    expect(simulated.state.runningSinceStart()).toBe(8);
    expect(simulated.state.users()).not.toContain('user-x1x2');
    expect(simulated.state.isLogging('main')).toBe(true);
    await clock.advance(900);
    const attempts = await lookUp(bot.cloudTrail('us-east-1'), {
      LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'CreateUser' }],
    });
    expect(recordOf(attempts[0])).toMatchObject({ errorCode: 'AccessDenied', sourceIPAddress: '203.0.113.9' });
  });

  it('starts nothing more after the key is switched off, except what a session still may', async () => {
    const { bot, clock, simulated } = await running(await scenario('relentless'));
    const launched = (region: string) => simulated.state.instances({ region }).length;

    await clock.advance(85);
    await bot.iam().send(new UpdateAccessKeyCommand({ UserName: 'ci-deploy', AccessKeyId: 'AKIAIOSFODNN7EXAMPLE', Status: 'Inactive' }));
    await clock.advance(10);
    const [byKey, bySession] = [launched('us-west-2'), launched('sa-east-1')];
    await clock.advance(600);

    expect(byKey).toBe(29);
    expect(launched('us-west-2')).toBe(29);
    expect(launched('sa-east-1')).toBeGreaterThan(bySession);
    expect(simulated.state.users()).not.toContain('user-x1x2');
  });

  it('launches every second until all three credentials are cut, and then never again', async () => {
    const { bot, clock, simulated } = await running(await scenario('relentless'));
    const deny = JSON.stringify({ Statement: { Effect: 'Deny', Action: '*', Resource: '*' } });

    await clock.advance(180);
    expect(simulated.state.runningSinceStart()).toBeGreaterThan(180);
    for (const UserName of ['ci-deploy', 'user-x1x2']) {
      await bot.iam().send(new PutUserPolicyCommand({ UserName, PolicyName: 'cut', PolicyDocument: deny }));
    }
    await clock.advance(5);
    const then = simulated.state.runningSinceStart();
    await clock.advance(900);

    expect(simulated.state.runningSinceStart()).toBe(then);
  });

  it('shows the same machines over HTTP as it has', async () => {
    const { bot, clock, simulated } = await running(await scenario('stolen-key'));
    await clock.advance(900);

    const { Reservations = [] } = await bot.ec2('us-west-2').send(new DescribeInstancesCommand({}));

    const shown = Reservations.flatMap((each) => each.Instances ?? []).map((instance) => instance.InstanceId);
    expect(shown.sort()).toEqual(
      simulated.state
        .instances({ region: 'us-west-2' })
        .map((instance) => instance.id)
        .sort(),
    );
  });

  it('gives the people of a scenario the same results however often the bot looks', async () => {
    const ids = async (looks: number) => {
      const { bot, clock, simulated } = await running(await scenario('stolen-key'));
      for (let turn = 0; turn < looks; turn++) await bot.ec2().send(new DescribeInstancesCommand({}));
      await clock.advance(600);
      return simulated.state.instances().map((instance) => instance.id);
    };

    expect(await ids(3)).toEqual(await ids(0));
  });

  it('goes on with a step that repeats when it was refused before', async () => {
    const { bot, clock, simulated } = await running(
      await smallAccount(`
attack:
  - { at: +10s, as: ada, call: "ec2:RunInstances", with: { InstanceType: m5.large, MinCount: 1, MaxCount: 1 }, save: mine, repeat: { every: 10s, until: +2m } }
  - { at: +2m15s, as: ada, call: "ec2:StopInstances", with: { InstanceIds: "\${mine.instances}" } }`),
    );
    const set = (Status: 'Active' | 'Inactive') =>
      bot.iam().send(new UpdateAccessKeyCommand({ UserName: 'ada', AccessKeyId: adasKey, Status }));

    await clock.advance(35);
    await set('Inactive');
    await clock.advance(40);
    await set('Active');
    await clock.advance(120);

    expect(simulated.state.instances()).toHaveLength(8);
    expect(simulated.state.instances({ state: 'stopped' })).toHaveLength(1);
  });

  it("stops a thief's machines for good when the bot stops them", async () => {
    const { bot, clock, simulated } = await running(await scenario('stolen-key'));
    await clock.advance(230);
    const miners = simulated.state.instances({ region: 'us-west-2', state: 'running' }).map((instance) => instance.id);

    await bot.ec2('us-west-2').send(new StopInstancesCommand({ InstanceIds: miners }));
    await clock.advance(60);

    expect(simulated.state.instances({ region: 'us-west-2', state: 'stopped' }).map((instance) => instance.id)).toEqual(miners);
  });
});
