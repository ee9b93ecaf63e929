import type * as ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../fault.ts';
import { pageOf } from '../page.ts';
import { arnOf, list, put, remove, type Thing, take } from '../shelf.ts';
import type { Call, Operation, World } from '../world.ts';
import { newEc2Id } from '../world.ts';

type Version = { number: number; madeMs: number; by: string; note?: string; data: ec2.RequestLaunchTemplateData };
type Template = { name: string; defaultVersion: number; versions: Version[] };
const kind = 'ec2/launch template';

export const templateOperations: Record<string, Operation> = {
  CreateLaunchTemplate(world, input: ec2.CreateLaunchTemplateRequest, call): ec2.CreateLaunchTemplateResult {
    const name = input.LaunchTemplateName ?? '';
    if (list(world, kind, call.region).some((each) => templateOf(each).name === name)) {
      throw new AwsError('InvalidLaunchTemplateName.AlreadyExistsException', 'Launch template name already in use.');
    }
    const version = { number: 1, madeMs: call.ms, by: call.caller.arn, data: input.LaunchTemplateData ?? {} };
    const id = newEc2Id(world, 'lt');
    const facts: Template = { name, defaultVersion: 1, versions: [version] };
    return {
      LaunchTemplate: shapeOf(put(world, kind, call, { id, arn: arnOf(world, 'ec2', call.region, `launch-template/${id}`), facts })),
    };
  },
  CreateLaunchTemplateVersion(world, input: ec2.CreateLaunchTemplateVersionRequest, call): ec2.CreateLaunchTemplateVersionResult {
    const thing = find(world, input, call);
    const template = templateOf(thing);
    const source = input.SourceVersion ? versionOf(template, input.SourceVersion).data : {};
    const version: Version = {
      number: template.versions.length + 1,
      madeMs: call.ms,
      by: call.caller.arn,
      data: { ...source, ...input.LaunchTemplateData },
      ...(input.VersionDescription ? { note: input.VersionDescription } : {}),
    };
    template.versions.push(version);
    return { LaunchTemplateVersion: versionShape(thing, version) };
  },
  ModifyLaunchTemplate(world, input: ec2.ModifyLaunchTemplateRequest, call): ec2.ModifyLaunchTemplateResult {
    const thing = find(world, input, call);
    const template = templateOf(thing);
    if (input.DefaultVersion) template.defaultVersion = versionOf(template, input.DefaultVersion).number;
    return { LaunchTemplate: shapeOf(thing) };
  },
  DeleteLaunchTemplate(world, input: ec2.DeleteLaunchTemplateRequest, call): ec2.DeleteLaunchTemplateResult {
    const thing = find(world, input, call);
    remove(world, kind, thing);
    return { LaunchTemplate: shapeOf(thing) };
  },
  DescribeLaunchTemplates(world, input: ec2.DescribeLaunchTemplatesRequest, call): ec2.DescribeLaunchTemplatesResult {
    const found = list(world, kind, call.region).filter(
      (each) =>
        (!input.LaunchTemplateIds?.length || input.LaunchTemplateIds.includes(each.id)) &&
        (!input.LaunchTemplateNames?.length || input.LaunchTemplateNames.includes(templateOf(each).name)),
    );
    const { items, next } = pageOf(found.map(shapeOf), input.MaxResults ?? 200, input.NextToken);
    return { LaunchTemplates: items, NextToken: next };
  },
  DescribeLaunchTemplateVersions(world, input: ec2.DescribeLaunchTemplateVersionsRequest, call): ec2.DescribeLaunchTemplateVersionsResult {
    const things = input.LaunchTemplateId || input.LaunchTemplateName ? [find(world, input, call)] : list(world, kind, call.region);
    const wanted = input.Versions ?? [];
    const found = things.flatMap((thing) => {
      const template = templateOf(thing);
      const versions = wanted.length ? wanted.map((each) => versionOf(template, each)) : template.versions;
      return [...new Set(versions)].map((version) => versionShape(thing, version));
    });
    const { items, next } = pageOf(found, input.MaxResults ?? 200, input.NextToken);
    return { LaunchTemplateVersions: items, NextToken: next };
  },
};

/** A launch with what its template says filled in; what the launch itself says wins. */
export function fromTemplate(
  world: World,
  input: ec2.RunInstancesRequest,
  call: Call,
): { input: ec2.RunInstancesRequest; templateTags: { Key: string; Value: string }[] } {
  if (!input.LaunchTemplate) return { input, templateTags: [] };
  const thing = find(world, input.LaunchTemplate, call);
  const version = versionOf(templateOf(thing), input.LaunchTemplate.Version ?? '$Default');
  const { TagSpecifications = [], ...data } = version.data;
  const own = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  return {
    input: { ...(data as Partial<ec2.RunInstancesRequest>), ...(own as ec2.RunInstancesRequest) },
    templateTags: [
      ...TagSpecifications.filter((each) => each.ResourceType === 'instance').flatMap((each) => each.Tags ?? []),
      { Key: 'aws:ec2launchtemplate:id', Value: thing.id },
      { Key: 'aws:ec2launchtemplate:version', Value: String(version.number) },
    ].map(({ Key = '', Value = '' }) => ({ Key, Value })),
  };
}

/** What a template of that name or id would start, for who only names it. */
export function templateData(
  world: World,
  named: { LaunchTemplateId?: string | undefined; LaunchTemplateName?: string | undefined; Version?: string | undefined },
  call: Call,
): ec2.RequestLaunchTemplateData {
  return versionOf(templateOf(find(world, named, call)), named.Version ?? '$Default').data;
}

const templateOf = (thing: Thing) => thing.facts as Template;

function find(
  world: World,
  { LaunchTemplateId: id, LaunchTemplateName: name }: { LaunchTemplateId?: string | undefined; LaunchTemplateName?: string | undefined },
  call: Call,
): Thing {
  const found = id ? take(world, kind, call.region, id) : list(world, kind, call.region).find((each) => templateOf(each).name === name);
  if (found) return found;
  if (id) throw new AwsError('InvalidLaunchTemplateId.NotFound', `The specified launch template, with template ID ${id}, does not exist.`);
  throw new AwsError(
    'InvalidLaunchTemplateName.NotFoundException',
    `The specified launch template, with template name ${name}, does not exist.`,
  );
}

function versionOf(template: Template, wanted: string): Version {
  const number = wanted === '$Latest' ? template.versions.length : wanted === '$Default' ? template.defaultVersion : Number(wanted);
  const found = template.versions.find((version) => version.number === number);
  if (!found) throw new AwsError('InvalidLaunchTemplateId.VersionNotFound', `Could not find launch template version ${wanted}.`);
  return found;
}

const shapeOf = (thing: Thing): ec2.LaunchTemplate => ({
  LaunchTemplateId: thing.id,
  LaunchTemplateName: templateOf(thing).name,
  CreateTime: new Date(thing.madeMs),
  CreatedBy: thing.by,
  DefaultVersionNumber: templateOf(thing).defaultVersion,
  LatestVersionNumber: templateOf(thing).versions.length,
});
const versionShape = (thing: Thing, version: Version): ec2.LaunchTemplateVersion => ({
  LaunchTemplateId: thing.id,
  LaunchTemplateName: templateOf(thing).name,
  VersionNumber: version.number,
  CreateTime: new Date(version.madeMs),
  CreatedBy: version.by,
  DefaultVersion: version.number === templateOf(thing).defaultVersion,
  LaunchTemplateData: version.data as ec2.ResponseLaunchTemplateData,
  ...(version.note ? { VersionDescription: version.note } : {}),
});
