// The public door to everything that makes certificates. The X.509 library behind it costs some 25 MB and 100 ms, so a
// process pays for it when it first makes one, not when it imports this package.
type Certificates = typeof import('./certificate.ts');
type Requests = typeof import('./certificate-request.ts');

export const createCertificateAuthority: Certificates['createCertificateAuthority'] = async (...args) =>
  (await import('./certificate.ts')).createCertificateAuthority(...args);

export const createSignedCertificate: Certificates['createSignedCertificate'] = async (...args) =>
  (await import('./certificate.ts')).createSignedCertificate(...args);

export const selfSignedServerCert: Certificates['selfSignedServerCert'] = async (...args) =>
  (await import('./certificate.ts')).selfSignedServerCert(...args);

export const createCertificateRequest: Requests['createCertificateRequest'] = async (...args) =>
  (await import('./certificate-request.ts')).createCertificateRequest(...args);

export const readCertificateRequest: Requests['readCertificateRequest'] = async (...args) =>
  (await import('./certificate-request.ts')).readCertificateRequest(...args);

export const signCertificateRequest: Requests['signCertificateRequest'] = async (...args) =>
  (await import('./certificate-request.ts')).signCertificateRequest(...args);
