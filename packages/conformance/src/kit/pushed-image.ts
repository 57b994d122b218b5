import { bytePath, type ImageFacts, isWithin, textOf } from "@slipway/core";
import type { ImageFile, InspectedImage } from "@slipway/registry/image";

/** The fields of an image's config that cases look at (OCI image specification, config.md). */
export interface PushedConfig {
  readonly architecture?: string;
  readonly config?: {
    readonly Env?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly Entrypoint?: readonly string[] | null;
    readonly User?: string;
    readonly WorkingDir?: string;
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly Healthcheck?: Readonly<Record<string, unknown>> | null;
  };
}

/** An image as the registry has it. Paths are absolute texts. */
export class PushedImage {
  readonly image: InspectedImage;

  constructor(image: InspectedImage) {
    this.image = image;
  }

  get config(): PushedConfig {
    return this.image.config.raw;
  }

  get facts(): ImageFacts {
    return this.image.config.facts;
  }

  /** Undefined when there is nothing. */
  file(path: string): ImageFile | undefined {
    return this.image.files.get(keyOf(path));
  }

  /** Permissions, octal. */
  mode(path: string): string | undefined {
    return this.file(path)?.mode.toString(8);
  }

  /** Content of a file of at most 4 KiB. */
  text(path: string): string | undefined {
    return this.file(path)?.content?.toString();
  }

  /** Every path below a folder, in the order of bytes. */
  paths(folder: string): readonly string[] {
    const key = keyOf(folder);
    const below = [...this.image.files.keys()].filter((path) => path !== key && isWithin(path, key));
    return below.sort().map((path) => `/${textOf(path)}`);
  }
}

function keyOf(path: string): string {
  return bytePath(path.replace(/^\//, ""));
}
