/** Lightsail: small machines and containers at a fixed price, apart from EC2's limits. */
import { imageFromOf } from '../images.ts';
import { markersIn } from '../markers.ts';
import { request, type Table, wordsOf } from '../meaning.ts';
import { lightsailSubject } from '../names.ts';
import { fields, list, number, text } from '../reading.ts';
import { lightsailShape } from '../shapes.ts';
import { defined, launch } from '../starting.ts';

const service = 'Lightsail';

const instances = (what: string) =>
  launch(service, what, ({ event, place }) => {
    const names = [...list(request(event), 'instanceNames'), ...list(request(event), 'instanceName')].filter(
      (one) => typeof one === 'string',
    );
    const bundle = text(request(event), 'bundleId');
    return {
      resources: names.map((name) => lightsailSubject(place, 'Instance', name)),
      count: Math.max(1, names.length),
      shape: bundle !== undefined ? lightsailShape(bundle) : undefined,
      priced: bundle !== undefined ? (prices, region) => prices.lightsail(bundle, region) : undefined,
      markers: markersIn(wordsOf(request(event, 'userData'))),
    };
  });

export const lightsail: Table = {
  'lightsail:CreateInstances': instances('Lightsail instances'),
  'lightsail:CreateInstancesFromSnapshot': instances('Lightsail instances'),
  'lightsail:StartInstance': instances('a stopped Lightsail instance'),
  'lightsail:CreateGUISession': instances('a Lightsail desktop'),
  'lightsail:CreateCloudFormationStack': launch(service, 'EC2 instances from Lightsail', ({ event }) => {
    const machines = list(request(event), 'instances');
    const type = machines.map((one) => text(one, 'instanceType')).find((one) => one !== undefined);
    return { resources: [], count: Math.max(1, machines.length), type };
  }),
  'lightsail:CreateContainerService': launch(service, 'a Lightsail container service', ({ event, place }) => {
    const name = text(request(event), 'serviceName');
    const power = text(request(event), 'power');
    return {
      resources: name !== undefined ? [lightsailSubject(place, 'ContainerService', name)] : [],
      count: Math.max(1, number(request(event), 'scale') ?? 1),
      shape: power !== undefined ? { type: power, family: 'Lightsail', ...vcpusOfPower(power) } : undefined,
    };
  }),
  'lightsail:CreateContainerServiceDeployment': defined(service, 'what a Lightsail container service runs', ({ event, place }) => {
    const name = text(request(event), 'serviceName');
    const containers = request(event, 'containers');
    const image = Object.values(fields(containers) ?? {})
      .map((one) => text(one, 'image'))
      .find((one) => one !== undefined);
    if (name === undefined) return undefined;
    return {
      resource: lightsailSubject(place, 'ContainerService', name),
      ...(image !== undefined ? { image, imageFrom: imageFromOf(image, place.scope.id) } : {}),
      markers: markersIn(wordsOf(containers)),
    };
  }),
  'lightsail:CreateRelationalDatabase': launch(service, 'a Lightsail database', ({ event, place }) => {
    const name = text(request(event), 'relationalDatabaseName');
    return { resources: name !== undefined ? [lightsailSubject(place, 'RelationalDatabase', name)] : [], count: 1 };
  }),
};

/** Lightsail pricing, container services. */
function vcpusOfPower(power: string): { vcpus?: number } {
  const vcpus = { nano: 0.25, micro: 0.25, small: 0.5, medium: 1, large: 2, xlarge: 4 };
  return Object.hasOwn(vcpus, power) ? { vcpus: vcpus[power as keyof typeof vcpus] } : {};
}
