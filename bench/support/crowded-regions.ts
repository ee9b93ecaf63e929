/**
 * AWS's EC2 in a process of its own, for the sweep: 34 regions, so many machines in each, every answer late by a fixed time and every machine
 * described as fully as EC2 does (fields of `DescribeInstances` in the EC2 API reference), because reading the answer is half of the work.
 */
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const crowd = { regions: 34, instancesEach: 100, latencyMs: 80 };

/** The address for the clients' `endpoint`, and how to end it. */
export async function openCrowdedRegions(): Promise<{ endpoint: string; close(): void }> {
  const child = fork(import.meta.filename, ['serve'], { execArgv: ['--disable-warning=ExperimentalWarning'] });
  const port = await new Promise<unknown>((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the regions ended with ${code}`)));
  });
  return { endpoint: `http://127.0.0.1:${port}`, close: () => void child.kill() };
}

if (process.send && process.argv[1] === import.meta.filename && process.argv[2] === 'serve') {
  const answers = new Map<string, string>();
  const server = createServer(async (request, response) => {
    let asked = '';
    for await (const chunk of request) asked += String(chunk);
    const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const isList = asked.includes('Action=DescribeRegions');
    const answer = isList ? regionList() : (answers.get(region) ?? instances(region));
    if (!isList) answers.set(region, answer);
    setTimeout(() => response.writeHead(200, { 'content-type': 'text/xml;charset=UTF-8' }).end(answer), crowd.latencyMs);
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
  process.once('disconnect', () => process.exit(0));
}

const xml = (operation: string, content: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>11111111-2222-3333-4444-555555555555</requestId>${content}</${operation}Response>`;

function regionList(): string {
  const names = Array.from({ length: crowd.regions }, (_, n) => `xx-test-${n + 1}`);
  const items = names.map(
    (name) =>
      `<item><regionName>${name}</regionName><regionEndpoint>ec2.${name}.amazonaws.com</regionEndpoint><optInStatus>opt-in-not-required</optInStatus></item>`,
  );
  return xml('DescribeRegions', `<regionInfo>${items.join('')}</regionInfo>`);
}

function instances(region: string): string {
  const items = Array.from({ length: crowd.instancesEach }, (_, n) => instance(region, n));
  return xml('DescribeInstances', `<reservationSet>${items.join('')}</reservationSet>`);
}

function instance(region: string, n: number): string {
  const id = `${region.split('-').at(-1)?.padStart(8, '0')}${n.toString(16).padStart(9, '0')}`;
  const type = ['m5.large', 't3.medium', 'c6i.xlarge', 'r6g.large'][n % 4];
  const launched = new Date(Date.parse('2026-05-01T00:00:00Z') + n * 3_600_000).toISOString();
  const [address, mac] = [`10.${n % 250}.3.${n % 200}`, `0a:58:a9:fe:${(n % 90) + 10}:02`];
  const tags = ['Name', 'team', 'environment', 'service', 'cost-center', 'managed-by']
    .map((key) => `<item><key>${key}</key><value>made-up-${key}-${n}</value></item>`)
    .join('');
  const groups = `<groupSet><item><groupId>sg-0${id}</groupId><groupName>web</groupName></item></groupSet>`;
  return `<item><reservationId>r-0${id}</reservationId><ownerId>123456789012</ownerId><groupSet/><instancesSet><item><instanceId>i-${id}</instanceId><imageId>ami-0a1b2c3d4e5f60718</imageId><instanceState><code>16</code><name>running</name></instanceState><privateDnsName>ip-${address.replaceAll('.', '-')}.ec2.internal</privateDnsName><dnsName/><reason/><keyName>made-up</keyName><amiLaunchIndex>0</amiLaunchIndex><productCodes/><instanceType>${type}</instanceType><launchTime>${launched}</launchTime><placement><availabilityZone>${region}a</availabilityZone><groupName/><tenancy>default</tenancy></placement><monitoring><state>disabled</state></monitoring><subnetId>subnet-0${id}</subnetId><vpcId>vpc-0a1b2c3d4e5f60718</vpcId><privateIpAddress>${address}</privateIpAddress><sourceDestCheck>true</sourceDestCheck>${groups}<architecture>x86_64</architecture><rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName><blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><volumeId>vol-0${id}</volumeId><status>attached</status><attachTime>${launched}</attachTime><deleteOnTermination>true</deleteOnTermination></ebs></item></blockDeviceMapping><virtualizationType>hvm</virtualizationType><clientToken>${id}</clientToken><tagSet>${tags}</tagSet><hypervisor>xen</hypervisor><networkInterfaceSet><item><networkInterfaceId>eni-0${id}</networkInterfaceId><subnetId>subnet-0${id}</subnetId><vpcId>vpc-0a1b2c3d4e5f60718</vpcId><description/><ownerId>123456789012</ownerId><status>in-use</status><macAddress>${mac}</macAddress><privateIpAddress>${address}</privateIpAddress><sourceDestCheck>true</sourceDestCheck>${groups}<attachment><attachmentId>eni-attach-0${id}</attachmentId><deviceIndex>0</deviceIndex><status>attached</status><attachTime>${launched}</attachTime><deleteOnTermination>true</deleteOnTermination><networkCardIndex>0</networkCardIndex></attachment><privateIpAddressesSet><item><privateIpAddress>${address}</privateIpAddress><primary>true</primary></item></privateIpAddressesSet><ipv6AddressesSet/><interfaceType>interface</interfaceType></item></networkInterfaceSet><iamInstanceProfile><arn>arn:aws:iam::123456789012:instance-profile/web</arn><id>AIPA2EXAMPLE</id></iamInstanceProfile><ebsOptimized>true</ebsOptimized><enaSupport>true</enaSupport><cpuOptions><coreCount>1</coreCount><threadsPerCore>2</threadsPerCore></cpuOptions><capacityReservationSpecification><capacityReservationPreference>open</capacityReservationPreference></capacityReservationSpecification><hibernationOptions><configured>false</configured></hibernationOptions><enclaveOptions><enabled>false</enabled></enclaveOptions><metadataOptions><state>applied</state><httpTokens>required</httpTokens><httpPutResponseHopLimit>2</httpPutResponseHopLimit><httpEndpoint>enabled</httpEndpoint></metadataOptions><platformDetails>Linux/UNIX</platformDetails><usageOperation>RunInstances</usageOperation><usageOperationUpdateTime>${launched}</usageOperationUpdateTime><maintenanceOptions><autoRecovery>default</autoRecovery></maintenanceOptions></item></instancesSet></item>`;
}
