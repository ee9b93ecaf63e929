/** What machines are told to run at their start, and whether they are protected: read once, reduced to what betrays mining. */
import { gunzipSync } from 'node:zlib';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { Marker } from '../../../checks/observation.ts';
import { markersIn } from '../translate/markers.ts';

/** User data as EC2 gives it, base64 and perhaps packed. The text is not kept. */
export function markersInUserData(encoded: string | undefined): Marker[] {
  if (encoded === undefined || encoded === '') return [];
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return markersIn(bytes.toString('utf8'));
  try {
    return markersIn(gunzipSync(bytes, { maxOutputLength: mostUnpacked }).toString('utf8'));
  } catch {
    return markersIn(bytes.toString('latin1'));
  }
}

const mostUnpacked = 1_048_576;

export type StartText = { markers: Marker[]; isProtected: boolean };

/** Three free calls. @throws what EC2 answered, also where only one of the three is refused. */
export async function readStartText(client: EC2Client, instance: string): Promise<StartText> {
  const { DescribeInstanceAttributeCommand } = await import('@aws-sdk/client-ec2');
  const ask = (attribute: 'userData' | 'disableApiTermination' | 'disableApiStop') =>
    client.send(new DescribeInstanceAttributeCommand({ InstanceId: instance, Attribute: attribute }));
  const [text, ending, stopping] = await Promise.all([ask('userData'), ask('disableApiTermination'), ask('disableApiStop')]);
  return {
    markers: markersInUserData(text.UserData?.Value),
    isProtected: ending.DisableApiTermination?.Value === true || stopping.DisableApiStop?.Value === true,
  };
}
