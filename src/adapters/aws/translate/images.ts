/** Where a container image comes from. */

type From = 'own' | 'provider' | 'public' | 'unknown';

/**
 * 'own': the account's own registry; 'public': registries where anybody can publish; 'provider': images AWS publishes; 'unknown': another
 * account's registry, or a host no list knows. The name of a repository proves nothing about what is in it.
 */
export function imageFromOf(image: string, account: string): From {
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash).toLowerCase();
  const registry = /^(\d{12})\.dkr[.-]ecr(?:-fips)?[.-]/.exec(first)?.[1];
  if (registry !== undefined) return registry === account ? 'own' : providers.has(registry) ? 'provider' : 'unknown';
  if (first === 'public.ecr.aws')
    return /^public\.ecr\.aws\/(?:amazonlinux|aws-[\w-]+|amazoncorretto|lambda|eks|eks-distro|amazon-[\w-]+)\//i.test(image)
      ? 'provider'
      : 'public';
  if (image.startsWith('aws/codebuild/')) return 'provider';
  // Without a host it is Docker Hub's.
  if (first === '' || (!first.includes('.') && !first.includes(':') && first !== 'localhost')) return 'public';
  return publicHosts.has(first) ? 'public' : 'unknown';
}

/** Accounts from which AWS gives out images: deep learning containers, EKS add-ons, CloudWatch agents (their user guides). */
const providers = new Set(['763104351884', '602401143452', '906394416424', '683313688378', '811284229777', '246618743249', '174872318107']);
const publicHosts = new Set([
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
  'registry.hub.docker.com',
  'ghcr.io',
  'quay.io',
  'gcr.io',
  'mcr.microsoft.com',
  'registry.gitlab.com',
  'registry.k8s.io',
  'k8s.gcr.io',
  'registry.access.redhat.com',
]);

/** Of several images the one that comes from farthest away; undefined when there are none. */
export function strangestImage(images: readonly string[], account: string): { image: string; imageFrom: From } | undefined {
  const from = images.map((image) => ({ image: image.slice(0, 256), imageFrom: imageFromOf(image, account) }));
  return (['public', 'unknown', 'own', 'provider'] as const)
    .map((kind) => from.find(({ imageFrom }) => imageFrom === kind))
    .find((one) => one !== undefined);
}
