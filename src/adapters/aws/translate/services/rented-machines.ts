/** GameLift, WorkSpaces and Glue: machines under other names. */
import { markersIn } from '../markers.ts';
import { answer, request, type Table, wordsOf } from '../meaning.ts';
import { gameLiftFleetSubject, glueSubject, resourceSubject, workspaceSubject } from '../names.ts';
import { at, list, number, text } from '../reading.ts';
import { glueShape, workspaceShape } from '../shapes.ts';
import { andKeeps, defined, keeps, launch } from '../starting.ts';

const fleetId = (event: unknown): string | undefined =>
  text(answer(event), 'fleetAttributes', 'fleetId') ??
  text(answer(event), 'containerFleet', 'fleetId') ??
  text(answer(event), 'fleetId') ??
  text(request(event), 'fleetId');

const gameLiftFleet = launch('GameLift', 'a GameLift fleet', ({ event, place }) => {
  const id = fleetId(event);
  return {
    resources: id !== undefined ? [gameLiftFleetSubject(place, id)] : [],
    count: 1,
    type: text(request(event), 'eC2InstanceType') ?? text(request(event), 'ec2InstanceType') ?? text(request(event), 'instanceType'),
    spot: text(request(event), 'fleetType')?.toUpperCase() === 'SPOT',
    markers: markersIn(wordsOf(at(request(event), 'runtimeConfiguration'))),
  };
});

export const gameLift: Table = {
  'gamelift:CreateFleet': andKeeps('GameLift', gameLiftFleet, ({ event, place }) => {
    const id = fleetId(event);
    return id === undefined ? undefined : { resource: gameLiftFleetSubject(place, id), desired: 1, most: 1 };
  }),
  'gamelift:CreateContainerFleet': gameLiftFleet,
  'gamelift:UpdateFleetCapacity': keeps('GameLift', 'a GameLift fleet', ({ event, place }) => {
    const id = fleetId(event);
    const desired = number(request(event), 'desiredInstances') ?? number(request(event), 'minSize');
    const most = number(request(event), 'maxSize') ?? desired;
    return id === undefined || most === undefined
      ? undefined
      : { resource: gameLiftFleetSubject(place, id), desired: desired ?? 0, most, made: false };
  }),
  'gamelift:CreateBuild': defined('GameLift', 'a GameLift build', ({ event, place }) => {
    const id = text(answer(event), 'build', 'buildId') ?? text(request(event), 'name');
    return id === undefined ? undefined : { resource: resourceSubject(place, 'gamelift', `build/${id}`) };
  }),
};
export const workspaces: Table = {
  'workspaces:CreateWorkspaces': launch('WorkSpaces', 'WorkSpaces', ({ event, place }) => {
    const made = list(answer(event), 'pendingRequests');
    const asked = list(request(event), 'workspaces');
    const size = [...asked, ...made].map((one) => text(one, 'workspaceProperties', 'computeTypeName')).find((one) => one !== undefined);
    return {
      resources: made.flatMap((one) => {
        const id = text(one, 'workspaceId');
        return id !== undefined ? [workspaceSubject(place, id)] : [];
      }),
      count: Math.max(1, made.length || asked.length),
      shape: size !== undefined ? workspaceShape(size) : undefined,
    };
  }),
  'workspaces:StartWorkspaces': launch('WorkSpaces', 'stopped WorkSpaces', ({ event, place }) => {
    const ids = list(request(event), 'startWorkspaceRequests').flatMap((one) => text(one, 'workspaceId') ?? []);
    return { resources: ids.map((id) => workspaceSubject(place, id)), count: Math.max(1, ids.length) };
  }),
  'workspaces:CreateWorkspacesPool': keeps('WorkSpaces', 'a pool of WorkSpaces', ({ event, place }) => {
    const id = text(answer(event), 'workspacesPool', 'poolId') ?? text(request(event), 'poolName');
    const desired = number(request(event), 'capacity', 'desiredUserSessions');
    return id === undefined || desired === undefined
      ? undefined
      : { resource: workspaceSubject(place, id), desired, most: desired, made: true };
  }),
};

const glueSize = (asked: unknown) => ({
  shape: glueShape(text(asked, 'workerType') ?? 'Standard'),
  count: Math.max(1, number(asked, 'numberOfWorkers') ?? number(asked, 'numberOfNodes') ?? number(asked, 'maxCapacity') ?? 1),
});
const job = defined('Glue', 'a Glue job', ({ event, place }) => {
  const name = text(request(event), 'name') ?? text(request(event), 'jobName');
  if (name === undefined) return undefined;
  const asked = at(request(event), 'jobUpdate') ?? request(event);
  return {
    resource: glueSubject(place, 'job', name),
    shape: glueSize(asked).shape,
    markers: markersIn(wordsOf(at(asked, 'command'), at(asked, 'defaultArguments'))),
  };
});

export const glue: Table = {
  'glue:CreateJob': job,
  'glue:UpdateJob': job,
  'glue:StartJobRun': launch('Glue', 'a Glue job', ({ event, place }) => {
    const name = text(request(event), 'jobName');
    const sized = text(request(event), 'workerType') !== undefined || number(request(event), 'numberOfWorkers') !== undefined;
    return {
      resources: [],
      count: 1,
      ...(sized ? glueSize(request(event)) : {}),
      from: name !== undefined ? glueSubject(place, 'job', name) : undefined,
    };
  }),
  'glue:CreateDevEndpoint': launch('Glue', 'a Glue development endpoint', ({ event, place }) => {
    const name = text(request(event), 'endpointName');
    return { resources: name !== undefined ? [glueSubject(place, 'devEndpoint', name)] : [], ...glueSize(request(event)) };
  }),
  'glue:CreateSession': launch('Glue', 'a Glue session', ({ event, place }) => {
    const id = text(request(event), 'id');
    return { resources: id !== undefined ? [glueSubject(place, 'session', id)] : [], ...glueSize(request(event)) };
  }),
};
