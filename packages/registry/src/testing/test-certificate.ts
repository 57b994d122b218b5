import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** A certificate and its key, as PEM. */
export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
  readonly name: string;
}

export interface TestCertificateOptions {
  /** Host name that it is for, or the name of an authority. */
  readonly name: string;
  /** Who signs it; itself when left out. */
  readonly issuer?: TestCertificate;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const DAY_MS = 24 * 3600 * 1000;

/** Makes an X.509 certificate (RFC 5280 §4.1), so that no test depends on a file that expires. */
export function makeTestCertificate(options: TestCertificateOptions): TestCertificate {
  const {
    name,
    issuer,
    notBefore = new Date(Date.now() - DAY_MS),
    notAfter = new Date(Date.now() + DAY_MS),
  } = options;
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const content = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_SHA256,
    nameOf(issuer?.name ?? name),
    sequence(time(notBefore), time(notAfter)),
    nameOf(name),
    publicKey.export({ type: "spki", format: "der" }),
    explicit(3, sequence(authority(issuer === undefined), hostName(name))),
  );
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const signature = sign("sha256", content, issuer?.key ?? (privateKey as KeyObject));
  const certificate = sequence(content, ECDSA_SHA256, bitString(signature));
  return { key, cert: pem(certificate), name };
}

function tlv(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

function sequence(...parts: Uint8Array[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

function integer(bytes: Uint8Array): Buffer {
  return tlv(0x02, bytes);
}

function explicit(tag: number, content: Uint8Array): Buffer {
  return tlv(0xa0 + tag, content);
}

function bitString(bytes: Uint8Array): Buffer {
  return tlv(0x03, Buffer.concat([Buffer.from([0]), bytes]));
}

/** GeneralizedTime; OpenSSL takes it for every year. */
function time(date: Date): Buffer {
  return tlv(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\..*$/g, "")}Z`));
}

/** A common name and nothing else. */
function nameOf(text: string): Buffer {
  const commonName = Buffer.from([0x06, 3, 0x55, 4, 3]);
  return sequence(tlv(0x31, sequence(commonName, tlv(0x0c, Buffer.from(text)))));
}

function authority(isAuthority: boolean): Buffer {
  const basicConstraints = Buffer.from([0x06, 3, 0x55, 0x1d, 0x13]);
  return sequence(
    basicConstraints,
    tlv(0x04, isAuthority ? sequence(tlv(0x01, Buffer.from([0xff]))) : sequence()),
  );
}

function hostName(name: string): Buffer {
  const subjectAltName = Buffer.from([0x06, 3, 0x55, 0x1d, 0x11]);
  return sequence(subjectAltName, tlv(0x04, sequence(tlv(0x82, Buffer.from(name)))));
}

// ecdsa-with-SHA256, 1.2.840.10045.4.3.2
const ECDSA_SHA256 = Buffer.from([0x30, 10, 0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]);

function pem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
