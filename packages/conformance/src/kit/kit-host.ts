import type { BuilderHost, Logger, RegistryTrust } from "@slipway/core";
import type { ImageSource } from "@slipway/registry/image";
import type { RunImage } from "../run/case-host.ts";

/** The credential that a builder gets for pushing: the registry's own, one that it refuses, or none. */
export type Access = "right" | "wrong" | "none";

/** What one builder of one case is made for. */
export interface HostWish {
  readonly access: Access;
  /** The builder will pull a base image that needs the credential, too. */
  readonly privateBase: boolean;
  /** Hand it on as it is: a case may forbid plain HTTP. */
  readonly trust: RegistryTrust;
  /** The same as in the session of every build: whatever is made in a cluster has to be found by it. */
  readonly owner: string;
  readonly workDir: string;
  readonly logger: Logger;
}

/** The registry that builders push to. It starts with no image that a case could mistake for its own. */
export interface KitRegistry {
  /** `host[:port]` as the builder, or its pod, names it. */
  readonly name: string;
  /** `host[:port]` as this process reaches it; the same as `name` when left out. */
  readonly address?: string;
  /** What it asks for before a push. Left out: it takes everything from everybody, and cases of credentials are skipped. */
  readonly credential?: { readonly username: string; readonly password: string };
  /** Tells every request as it arrives, where that can be seen; returns how to stop. */
  watch?(listener: (request: WatchedRequest) => void): () => void;
}

export interface WatchedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
}

/** What the corpus needs beyond a registry. */
export interface CorpusPlace {
  /** Opens a base image by the name that Dockerfiles have for it, such as `busybox:1.37`. */
  openBase(reference: string): Promise<ImageSource>;
  /** Runs what is to be run; cases that need it are skipped when left out. */
  readonly runImage?: RunImage;
  /** URL of a server with the files of the corpus' folder `_served`, as builders reach it, without a slash at its end. */
  readonly files?: string;
}

/** Where a builder works while the kit tests it. Builders that need a cluster get theirs from a module that exports `createHost`. */
export interface KitHost {
  readonly registry: KitRegistry;
  /** How the registry, and those of base images, may be spoken to: names as the builder has them. */
  readonly trust: RegistryTrust;
  /** A Linux image with `/bin/sh` that the builder can pull without a credential. Left out: cases with RUN are skipped. */
  readonly shellBase?: string;
  /** What the Dockerfiles of the corpus build on. Left out: of the corpus only what is `FROM scratch` is built. */
  readonly corpus?: CorpusPlace;
  /** Fields of the builder's configuration that only this place knows; those that the author gives win. */
  config?(wish: HostWish): Readonly<Record<string, unknown>>;
  /** What `create` of the builder gets. */
  builderHost(wish: HostWish): BuilderHost | Promise<BuilderHost>;
  /** Names of what is still there of `owner`, such as pods. Left out where nothing can be left. */
  leftovers?(owner: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** What a host module is told. */
export interface HostContext {
  /** The id of the builder under test. */
  readonly builder: string;
  /** For people, one line each. */
  log(line: string): void;
}

/** The export `createHost` of a host module. */
export type CreateHost = (context: HostContext) => KitHost | Promise<KitHost>;
