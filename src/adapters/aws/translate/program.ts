/** Which kind of program made a call, by what it says of itself. */
import { fields } from './reading.ts';

/**
 * 'terraform', 'console', 'aws-cli', 'boto3', 'aws-internal' …, else the first word of the user agent in small letters; never a version.
 * Undefined when the record has no user agent. The caller can claim any of them.
 */
export function programOf(event: unknown): string | undefined {
  // Read as they are spelt: this runs for every record of a log.
  const record = fields(event);
  const userAgent = record?.userAgent;
  if (record === undefined || typeof userAgent !== 'string' || userAgent === '') return undefined;
  // Calls made in the browser carry the browser's name, or none; newer records say where the session comes from.
  if (record.sessionCredentialFromConsole !== undefined) return 'console';
  return agentOf(userAgent).program;
}

/** The user agent as one text for all records that have it: what is held of a log then holds it once. */
export const sameAgent = (userAgent: string): string => agentOf(userAgent.slice(0, 512)).userAgent;

function agentOf(userAgent: string): Agent {
  const known = agents.get(userAgent);
  if (known !== undefined) return known;
  const agent = { userAgent, program: programIn(userAgent) };
  // A log has few programs; somebody who sends a new name with each call must not fill the memory.
  if (agents.size >= 2_000) agents.clear();
  if (userAgent.length <= 512) agents.set(userAgent, agent);
  return agent;
}

type Agent = { userAgent: string; program: string };
const agents = new Map<string, Agent>();

/** The first that fits: tools name the libraries they use after themselves. */
const programs: [RegExp, string][] = [
  [/\bterraform\b|\bopentofu\b|terraform-provider/i, 'terraform'],
  [/\bpulumi\b/i, 'pulumi'],
  [/\baws-cdk\b|\bcdk\b/i, 'aws-cdk'],
  [/\bkarpenter\b/i, 'karpenter'],
  [/^\[?cloudformation\.amazonaws\.com/i, 'cloudformation'],
  [/^\[?(?:console|signin)(?:\.[\w-]+)?\.amazonaws\.com|^\[?s3console|^\[?mozilla\b|\baws-?console\b/i, 'console'],
  [/^\[?aws-cli\b/i, 'aws-cli'],
  [/^\[?(?:aws )?internal\b|\baws[- ]internal\b/i, 'aws-internal'],
  [/^\[?[\w.-]+\.(?:amazonaws|amazon)\.com/i, 'aws-service'],
  [/\bboto3\b/i, 'boto3'],
  [/\bbotocore\b/i, 'botocore'],
  [/\baws-sdk-go\b|\baws-sdk-go-v2\b/i, 'aws-sdk-go'],
];

function programIn(userAgent: string): string {
  const seen = userAgent.slice(0, 512);
  const known = programs.find(([pattern]) => pattern.test(seen));
  if (known) return known[1];
  const word = /[a-z][\w.-]*/i.exec(seen)?.[0] ?? 'unknown';
  return word.toLowerCase().slice(0, 40);
}
