import { describe, expect, it } from 'vitest';
import { jsonWithoutSecrets, withoutSecrets } from '../../../src/adapters/store/secrets.ts';

const secretKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

describe('the last net for secrets', () => {
  it.each(['secretAccessKey', 'SecretAccessKey', 'aws_secret_access_key', 'sessionToken', 'SessionToken', 'securityToken'])(
    'removes what stands under %s, at any depth',
    (name) => {
      const text = jsonWithoutSecrets({ a: [{ [name]: secretKey, userName: 'x' }] });

      expect(JSON.parse(text)).toEqual({ a: [{ [name]: '[secret removed]', userName: 'x' }] });
    },
  );

  it('removes them from text inside a record too', () => {
    const text = jsonWithoutSecrets({
      userData: `export AWS_SECRET_ACCESS_KEY=${secretKey}\nrun`,
      body: JSON.stringify({ sessionToken: secretKey }),
    });

    expect(text).not.toContain(secretKey);
    expect(text).toContain('run');
  });

  it('removes chat tokens wherever they stand', () => {
    const token = ['xoxb', '123456789012', 'abcdefABCDEF'].join('-');

    expect(withoutSecrets(`answered 401 to ${token}, gave up`)).toBe('answered 401 to [secret removed], gave up');
  });

  it('leaves everything else as it is', () => {
    const record = {
      eventName: 'CreateAccessKey',
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      keyName: 'token',
      tokens: 5,
      none: null,
      list: ['a session token was used'],
    };

    expect(JSON.parse(jsonWithoutSecrets(record))).toEqual(record);
    expect(jsonWithoutSecrets(undefined)).toBe('null');
  });
});
