export {
  makeImage,
  storedAsZstd,
  type TestConfig,
  type TestDescriptor,
  type TestImage,
  type TestImageRecipe,
  type TestManifest,
  writeImageLayout,
} from "./make-image.ts";
export {
  extensionEntry,
  makeTar,
  padded,
  paxRecords,
  TAR_END,
  type TarFormat,
  TEST_MTIME,
  type TestEntry,
  tarEntry,
  tarHeader,
  withSum,
} from "./make-tar.ts";
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
