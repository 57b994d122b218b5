export {
  type Fault,
  MemoryRegistry,
  type MemoryRegistryOptions,
  type RequestRecord,
} from "./memory-registry.ts";
export { digestOf, RegistryStore, type Repository, type StoredContent } from "./registry-store.ts";
export {
  makeTestCertificate,
  type TestCertificate,
  type TestCertificateOptions,
} from "./test-certificate.ts";
export { TestClock } from "./test-clock.ts";
export { type TestLayout, writeTestLayout } from "./test-layout.ts";
export type { RegistryAuth } from "./token-service.ts";
