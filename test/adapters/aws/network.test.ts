import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NetworkOf, networkOnDemand, openNetwork, plainNetwork } from '../../../src/adapters/aws/network.ts';

let folder: string;
let network: NetworkOf;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'network-'));
  const ipv4 = join(folder, 'ipv4.csv');
  const ipv6 = join(folder, 'ipv6.csv');
  // 192.0.2.0/25, 198.51.100.0/24, 203.0.113.0/24
  await writeFile(
    ipv4,
    '3221225984,3221226111,64500,"Example Hosting, ""Fast"" Servers"\n3325256704,3325256959,64501,Example Broadband\n3405803776,3405804031,16509,"Amazon.com, Inc."',
  );
  await writeFile(
    ipv6,
    '2001:db8::,2001:db8:0:ffff:ffff:ffff:ffff:ffff,64502,Example University\n2001:db8:1::,2001:db8:1:ffff:ffff:ffff:ffff:ffff,14061,Somebody\n',
  );
  network = await openNetwork({ ipv4, ipv6 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the networks of addresses', () => {
  it('finds number, name and kind, at both ends of a range and not beside it', () => {
    expect(network('192.0.2.0')).toEqual({ address: '192.0.2.0', asn: 64500, name: 'Example Hosting, "Fast" Servers', kind: 'hosting' });
    expect(network('192.0.2.127').asn).toBe(64500);
    expect(network('192.0.2.128')).toEqual({ address: '192.0.2.128', kind: 'unknown' });
    expect(network('198.51.100.7')).toMatchObject({ asn: 64501, kind: 'home' });
    expect(network('203.0.113.255')).toMatchObject({ asn: 16509, kind: 'provider' });
  });

  it('finds IPv6 in any spelling', () => {
    expect(network('2001:db8::7')).toMatchObject({ asn: 64502, name: 'Example University', kind: 'unknown' });
    expect(network('2001:0DB8:0001:0000:0000:0000:0000:0001')).toMatchObject({ asn: 14061, kind: 'hosting' });
    expect(network('2001:db8:2::1').asn).toBeUndefined();
    expect(network('::1').kind).toBe('unknown');
  });

  it('calls AWS’s own services the provider, and nonsense unknown', () => {
    expect(network('autoscaling.amazonaws.com').kind).toBe('provider');
    expect(network('AWS Internal').kind).toBe('provider');
    expect(network('ec2.amazonaws.com.example.org').kind).toBe('unknown');
    expect(network('x'.repeat(10_000)).address).toHaveLength(256);
    expect(plainNetwork('192.0.2.7')).toEqual({ address: '192.0.2.7', kind: 'unknown' });
  });

  it('opens the table that comes with the package once, and finds its first and last rows', async () => {
    const onDemand = networkOnDemand();

    const [one, other] = await Promise.all([onDemand(), onDemand()]);

    expect(one).toBe(other);
    expect(one('1.0.0.0')).toMatchObject({ asn: 13335, kind: 'hosting' });
    expect(one('0.255.255.255').asn).toBeUndefined();
    expect(one('255.255.255.255').asn).toBeUndefined();
    expect(one('8.8.8.8')).toMatchObject({ asn: 15169, kind: 'hosting' });
    expect(one('2a01:4f8::1').kind).toBe('hosting');
    expect(one('ffff:ffff::1').asn).toBeUndefined();
  });
});
