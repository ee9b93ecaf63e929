/** CodeBuild, Amplify, App Runner, Image Builder: services that build and run what they are given. */
import { imageFromOf } from '../images.ts';
import { markersIn } from '../markers.ts';
import { answer, request, type Table, wordsOf } from '../meaning.ts';
import { amplifyAppSubject, appRunnerSubject, codeBuildBuildSubject, codeBuildProjectSubject, resourceSubject } from '../names.ts';
import { at, list, number, text } from '../reading.ts';
import { codeBuildShape, vcpusOf } from '../shapes.ts';
import { andKeeps, defined, keeps, launch } from '../starting.ts';

const project = defined('CodeBuild', 'a CodeBuild project', ({ event, place }) => {
  const name = text(answer(event), 'project', 'arn') ?? text(request(event), 'name');
  if (name === undefined) return undefined;
  const environment = at(request(event), 'environment');
  const image = text(environment, 'image');
  const size = text(environment, 'computeType');
  return {
    resource: codeBuildProjectSubject(place, name),
    shape: size !== undefined ? codeBuildShape(size) : undefined,
    ...(image !== undefined ? { image, imageFrom: imageFromOf(image, place.scope.id) } : {}),
    markers: markersIn(wordsOf(at(request(event), 'source'), environment)),
  };
});

const build = (what: string) =>
  launch('CodeBuild', what, ({ event, place }) => {
    const id =
      text(answer(event), 'build', 'arn') ??
      text(answer(event), 'build', 'id') ??
      text(answer(event), 'buildBatch', 'arn') ??
      text(answer(event), 'buildBatch', 'id');
    const name = text(request(event), 'projectName');
    const size =
      text(answer(event), 'build', 'environment', 'computeType') ??
      text(answer(event), 'buildBatch', 'environment', 'computeType') ??
      text(request(event), 'computeTypeOverride');
    const image = text(request(event), 'imageOverride');
    return {
      resources: id !== undefined ? [codeBuildBuildSubject(place, id)] : [],
      count: 1,
      from: name !== undefined ? codeBuildProjectSubject(place, name) : undefined,
      shape: size !== undefined ? codeBuildShape(size) : undefined,
      ...(image !== undefined ? { image, imageFrom: imageFromOf(image, place.scope.id) } : {}),
      markers: markersIn(wordsOf(at(request(event), 'buildspecOverride'), at(request(event), 'environmentVariablesOverride'))),
    };
  });

export const codeBuild: Table = {
  'codebuild:CreateProject': project,
  'codebuild:UpdateProject': project,
  'codebuild:StartBuild': build('a CodeBuild build'),
  'codebuild:StartBuildBatch': build('a batch of CodeBuild builds'),
  'codebuild:RetryBuild': build('a CodeBuild build'),
  'codebuild:CreateFleet': keeps('CodeBuild', 'a CodeBuild fleet', ({ event, place }) => {
    const name = text(answer(event), 'fleet', 'arn') ?? text(request(event), 'name');
    const desired = number(request(event), 'baseCapacity') ?? 1;
    const size = text(request(event), 'computeType');
    return name === undefined
      ? undefined
      : {
          resource: resourceSubject(place, 'codebuild', name.startsWith('arn:') ? name : `fleet/${name}`),
          desired,
          most: number(request(event), 'scalingConfiguration', 'maxCapacity') ?? desired,
          shape: size !== undefined ? codeBuildShape(size) : undefined,
          made: true,
        };
  }),
};

const amplifyBuild = (what: string) =>
  launch('Amplify', what, ({ event, place }) => {
    const id = text(request(event), 'appId');
    const app = id !== undefined ? amplifyAppSubject(place, id) : undefined;
    return { resources: app !== undefined ? [app] : [], count: 1, from: app };
  });
const amplifyApp = defined('Amplify', 'an Amplify app', ({ event, place }) => {
  const id =
    text(answer(event), 'app', 'appArn') ??
    text(answer(event), 'app', 'appId') ??
    text(request(event), 'appId') ??
    text(request(event), 'name');
  return id === undefined
    ? undefined
    : {
        resource: amplifyAppSubject(place, id),
        markers: markersIn(wordsOf(at(request(event), 'buildSpec'), at(request(event), 'repository'))),
      };
});

export const amplify: Table = {
  'amplify:CreateApp': amplifyApp,
  'amplify:UpdateApp': amplifyApp,
  'amplify:CreateBranch': amplifyApp,
  'amplify:StartJob': amplifyBuild('an Amplify build'),
  'amplify:StartDeployment': amplifyBuild('an Amplify build'),
};

export const appRunner: Table = {
  'apprunner:CreateService': andKeeps(
    'App Runner',
    launch('App Runner', 'an App Runner service', ({ event, place }) => {
      const image = text(request(event), 'sourceConfiguration', 'imageRepository', 'imageIdentifier');
      const vcpus = vcpusOf(text(request(event), 'instanceConfiguration', 'cpu') ?? '1 vCPU');
      return {
        resources: appRunnerService(event).map((name) => appRunnerSubject(place, name)),
        count: 1,
        ...(image !== undefined ? { image, imageFrom: imageFromOf(image, place.scope.id) } : {}),
        shape: vcpus !== undefined ? { type: `App Runner ${vcpus} vCPU`, family: 'App Runner', vcpus } : undefined,
        markers: markersIn(wordsOf(at(request(event), 'sourceConfiguration'))),
      };
    }),
    // What it may grow to stands in a configuration of its own; without one it is 25 (App Runner developer guide, automatic scaling).
    ({ event, place }) => appRunnerService(event).map((name) => ({ resource: appRunnerSubject(place, name), desired: 1, most: 25 }))[0],
  ),
  'apprunner:ResumeService': launch('App Runner', 'a paused App Runner service', ({ event, place }) => ({
    resources: appRunnerService(event).map((name) => appRunnerSubject(place, name)),
    count: 1,
  })),
  'apprunner:CreateAutoScalingConfiguration': keeps('App Runner', 'an App Runner scaling configuration', ({ event, place }) => {
    const name = text(request(event), 'autoScalingConfigurationName');
    const most = number(request(event), 'maxSize');
    return name === undefined || most === undefined
      ? undefined
      : {
          resource: resourceSubject(place, 'apprunner', `autoscalingconfiguration/${name}`),
          desired: number(request(event), 'minSize') ?? 1,
          most,
          made: true,
        };
  }),
};
const appRunnerService = (event: unknown): string[] => {
  const name = text(answer(event), 'service', 'serviceArn') ?? text(request(event), 'serviceArn') ?? text(request(event), 'serviceName');
  return name !== undefined ? [name] : [];
};

export const imageBuilder: Table = {
  'imagebuilder:CreateInfrastructureConfiguration': defined('Image Builder', 'an Image Builder configuration', ({ event, place }) => {
    const name = text(answer(event), 'infrastructureConfigurationArn') ?? text(request(event), 'name');
    const type = list(request(event), 'instanceTypes').find((one) => typeof one === 'string');
    return name === undefined ? undefined : { resource: resourceSubject(place, 'imagebuilder', name), type };
  }),
  'imagebuilder:CreateComponent': defined('Image Builder', 'an Image Builder component', ({ event, place }) => {
    const name = text(answer(event), 'componentBuildVersionArn') ?? text(request(event), 'name');
    return name === undefined
      ? undefined
      : { resource: resourceSubject(place, 'imagebuilder', name), markers: markersIn(wordsOf(at(request(event), 'data'))) };
  }),
  'imagebuilder:StartImagePipelineExecution': launch('Image Builder', 'an Image Builder build', ({ event, place }) => {
    const pipeline = text(request(event), 'imagePipelineArn');
    return { resources: [], count: 1, from: pipeline !== undefined ? resourceSubject(place, 'imagebuilder', pipeline) : undefined };
  }),
  'imagebuilder:CreateImage': launch('Image Builder', 'an Image Builder build', () => ({ resources: [], count: 1 })),
};
