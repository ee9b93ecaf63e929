/** Sizes of services that do not name EC2's types, so that the log and the inventory give a thing the same shape. */
import type { Shape } from '../../../checks/observation.ts';

/** Fargate: CPU units (1,024 are a vCPU) or '4 vCPU'; memory in MiB. Undefined when no CPU is told. */
export function fargateShape(cpu: string | number | undefined, memoryMiB?: number): Shape | undefined {
  const vcpus = vcpusOf(cpu);
  if (vcpus === undefined) return undefined;
  return { type: `Fargate ${vcpus} vCPU${memoryMiB !== undefined ? ` ${memoryMiB / 1024} GB` : ''}`, family: 'Fargate', vcpus };
}

/** CPU units, as in '16384', or with their unit, as in '2 vCPU'. */
export function vcpusOf(cpu: string | number | undefined): number | undefined {
  const [, amount, unit] = /^\s*(\d+(?:\.\d+)?)\s*(vcpu)?\s*$/i.exec(String(cpu ?? '')) ?? [];
  const value = Number(amount);
  return amount === undefined || value <= 0 ? undefined : unit !== undefined ? value : value / 1024;
}

/** A size by its name from a list of vCPUs; the name alone when it is not in the list. */
const sized =
  (family: string, sizes: Record<string, number>, gpus: Record<string, number> = {}) =>
  (name: string): Shape => ({
    type: name,
    family,
    ...(Object.hasOwn(sizes, name) ? { vcpus: sizes[name]! } : {}),
    ...(Object.hasOwn(gpus, name) ? { gpus: gpus[name]! } : {}),
  });

/** CodeBuild user guide, "Build environment compute modes and types". */
export const codeBuildShape = sized('CodeBuild', {
  BUILD_GENERAL1_SMALL: 2,
  BUILD_GENERAL1_MEDIUM: 4,
  BUILD_GENERAL1_LARGE: 8,
  BUILD_GENERAL1_XLARGE: 36,
  BUILD_GENERAL1_2XLARGE: 72,
});
/** AWS Glue developer guide, worker types. */
export const glueShape = sized('Glue', {
  Standard: 4,
  'G.025X': 2,
  'G.1X': 4,
  'G.2X': 8,
  'G.4X': 16,
  'G.8X': 32,
  'Z.2X': 8,
  'R.1X': 4,
  'R.2X': 8,
});
/** WorkSpaces administration guide, bundles. */
export const workspaceShape = sized(
  'WorkSpaces',
  {
    VALUE: 1,
    STANDARD: 2,
    PERFORMANCE: 2,
    POWER: 4,
    POWERPRO: 8,
    GENERALPURPOSE_4XLARGE: 16,
    GENERALPURPOSE_8XLARGE: 32,
    GRAPHICS: 8,
    GRAPHICSPRO: 16,
    GRAPHICS_G4DN: 4,
    GRAPHICSPRO_G4DN: 16,
  },
  { GRAPHICS: 1, GRAPHICSPRO: 1, GRAPHICS_G4DN: 1, GRAPHICSPRO_G4DN: 1 },
);

/** Bundles such as `2xlarge_3_0` or `xlarge_win_3_0` (Lightsail pricing). */
export function lightsailShape(bundle: string): Shape {
  const size = bundle.split('_', 1)[0] ?? bundle;
  const vcpus = {
    nano: 2,
    micro: 2,
    small: 2,
    medium: 2,
    large: 2,
    xlarge: 4,
    '2xlarge': 8,
    '4xlarge': 16,
    '8xlarge': 32,
    '12xlarge': 48,
    '16xlarge': 64,
    '24xlarge': 96,
  };
  const gpu = bundle.startsWith('gpu_');
  return {
    type: bundle,
    family: 'Lightsail',
    ...(Object.hasOwn(vcpus, size) ? { vcpus: vcpus[size as keyof typeof vcpus] } : {}),
    ...(gpu ? { gpus: 1 } : {}),
  };
}

/** A function has a vCPU for each 1,769 MB (Lambda developer guide, "Configure Lambda function memory"). */
export const functionShape = (memoryMb: number): Shape => ({
  type: `Lambda ${memoryMb} MB`,
  family: 'Lambda',
  vcpus: Math.round((memoryMb / 1769) * 100) / 100,
});
