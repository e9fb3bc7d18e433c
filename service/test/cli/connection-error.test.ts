import { expect } from 'chai';
import { findCertificateRemedy, findConnectionReason } from '../../src/cli/connection-error.ts';

const remedies = { authority: 'trust it', host: 'name it', holder: 'the proxy' };

describe('the errors of TLS', () => {
  for (const [code, reason, remedy] of [
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /certificate is not accepted/, /trust it/],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /certificate is not accepted/, /trust it/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /certificate is not accepted/, /trust it/],
    ['INVALID_CA', /certificate is not accepted/, /trust it/],
    ['CERT_HAS_EXPIRED', /certificate is not accepted/, /renew the certificate of the proxy/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /certificate is not accepted/, /name it/],
  ] as const)
    it(`${code} is one of a certificate`, () => {
      expect(findConnectionReason(code)).match(reason);
      expect(findCertificateRemedy(code, remedies)).match(remedy);
    });

  it('are not all of a certificate', () => {
    for (const code of ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED']) {
      expect(findConnectionReason(code)).equal('no TLS connection is agreed on');
      expect(findCertificateRemedy(code, remedies)).equal(undefined);
    }
    expect(findCertificateRemedy('ECONNREFUSED', remedies)).equal(undefined);
  });
});
