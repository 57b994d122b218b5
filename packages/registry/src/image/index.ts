export { readTar } from "../tar/read-tar.ts";
export {
  TAR_DEFECTS,
  type TarDefect,
  type TarDefectRule,
  type TarEntry,
  type TarSink,
  type TarType,
} from "../tar/tar-entry.ts";
export { type FlattenedImage, flattenLayers } from "./flatten-layers.ts";
export { type DefectRule, IMAGE_DEFECTS, type ImageDefect } from "./image-defect.ts";
export type { FileAttributes, FileType, ImageFile, LayerChange } from "./image-file.ts";
export type { ImageSource, SourceManifest } from "./image-source.ts";
export {
  type InspectedConfig,
  type InspectedImage,
  type InspectedLayer,
  type InspectOptions,
  inspectImage,
  type ManifestSummary,
} from "./inspect-image.ts";
export { createLayerCache, type LayerCache } from "./layer-cache.ts";
export { openLayoutImage } from "./open-layout-image.ts";
export { openRegistryImage } from "./open-registry-image.ts";
