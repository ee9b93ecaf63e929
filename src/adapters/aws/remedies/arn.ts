/** The AWS names behind subjects. Only this folder and the translators take them apart. */
import type { Subject } from '../../../checks/observation.ts';

export type Instance = { region: string; account: string; id: string; arn: string };

/** The machine a subject names, or undefined when it is something else. */
export function instanceOf(subject: Subject): Instance | undefined {
  const arn = subject.slice(subject.indexOf(':') + 1);
  const match = /^arn:aws[\w-]*:ec2:([a-z0-9-]+):(\d{12}):instance\/(i-[0-9a-f]+)$/.exec(arn);
  return match ? { region: match[1] as string, account: match[2] as string, id: match[3] as string, arn } : undefined;
}

export type Principal =
  /** `key` is unique within the account: IAM names are, whatever their path. */
  | { kind: 'user' | 'role'; account: string; name: string; path: string; key: string }
  | { kind: 'root'; account: string }
  | { kind: 'federated session'; account: string; name: string }
  | { kind: 'other'; text: string };

/** Who a subject or an ARN of IAM or STS names. A session of a role is its role. */
export function principalOf(subject: string): Principal {
  const text = subject.replace(/^principal:/, '');
  const match = /^arn:aws[\w-]*:(iam|sts)::(\d{12}):(.+)$/.exec(text);
  if (!match) return { kind: 'other', text };
  const [, service, account, rest] = match as unknown as [string, 'iam' | 'sts', string, string];
  const [type = '', ...parts] = rest.split('/');
  if (service === 'iam' && rest === 'root') return { kind: 'root', account };
  if (service === 'sts' && type === 'assumed-role' && parts[0]) return named('role', account, [parts[0]]);
  if (service === 'sts' && type === 'federated-user' && parts[0]) return { kind: 'federated session', account, name: parts[0] };
  if (service === 'iam' && (type === 'user' || type === 'role') && parts.at(-1)) return named(type, account, parts);
  return { kind: 'other', text };
}

function named(kind: 'user' | 'role', account: string, parts: string[]): Principal {
  const name = parts.at(-1) as string;
  return {
    kind,
    account,
    name,
    path: `/${parts
      .slice(0, -1)
      .map((part) => `${part}/`)
      .join('')}`,
    key: `${kind}/${name}`,
  };
}

/** An access key as people see it: enough to tell two apart, too little to be found by searching for it. */
export const maskKey = (id: string): string => `${id.slice(0, 4)}…${id.slice(-4)}`;

/** Pages of the AWS console where a person does what the bot cannot. */
export const consolePage = {
  instance: (region: string, id: string) =>
    `https://${region}.console.aws.amazon.com/ec2/home?region=${region}#InstanceDetails:instanceId=${id}`,
  scalingGroups: (region: string) => `https://${region}.console.aws.amazon.com/ec2/home?region=${region}#AutoScalingGroups:`,
  users: 'https://console.aws.amazon.com/iam/home#/users',
  user: (name: string) => `https://console.aws.amazon.com/iam/home#/users/details/${encodeURIComponent(name)}`,
  role: (name: string) => `https://console.aws.amazon.com/iam/home#/roles/details/${encodeURIComponent(name)}`,
  root: 'https://console.aws.amazon.com/iam/home#/security_credentials',
  identityCenter: 'https://console.aws.amazon.com/singlesignon/home',
};
