export type { BlobSource, UploadOptions } from "./blob-source.ts";
export {
  anonymous,
  type Credential,
  type DockerConfig,
  type Keychain,
  parseDockerConfig,
  secretsOf,
} from "./keychain.ts";
export { type CheckedLayout, checkLayout, type LayoutBlob, type LayoutLimits } from "./oci-layout.ts";
export { type PushOptions, type PushProgress, type PushReport, pushLayout } from "./push-layout.ts";
export { RegistryClient, type StoredManifest } from "./registry-client.ts";
export type { RegistryClientOptions } from "./registry-connection.ts";
export { type LookupOptions, readImageFacts, resolveDigest } from "./resolve-digest.ts";
