import { archiveOf } from "../reference/write-layout.ts";
import { all, BUILD_NONE, everyCaseBut, type Mutant, wrapped } from "./mutant.ts";

/** Two blocks of zeros. */
const END_OF_ARCHIVE = 1024;

/** Cases that read no image. */
const READ_NONE = [
  ...BUILD_NONE,
  "build/leaves-the-context-alone",
  "build/pushes-every-destination",
  "build/reports-the-pushed-digest",
  "isolation/links-do-not-lead-out",
  "output/blanks-secrets",
  "output/has-standard-error",
  "output/streams-lines-in-order",
  "output/survives-odd-bytes",
  "secrets/credential-absent-from-image",
  "secrets/steps-cannot-read-the-credential",
];

/** Builders whose images are not sound, or are others than they say. */
export const imageMutants: readonly Mutant[] = [
  {
    name: "invents-digests",
    make: () =>
      wrapped((builder) => ({
        build: async (request, session) => {
          const built = await builder.build(request, session);
          return { ...built, digest: `sha256:${"0".repeat(64)}` as const };
        },
      })),
    caughtBy: everyCaseBut("foreign-digest", BUILD_NONE),
  },
  {
    name: "writes-a-wrong-media-type",
    // Not compressed, whatever it says.
    make: () => wrapped((builder) => builder, { compress: (tar) => tar }),
    caughtBy: everyCaseBut("malformed-image", READ_NONE),
  },
  {
    name: "writes-entries-twice",
    make: () =>
      wrapped((builder) => builder, {
        archive: async (root) => {
          const tar = await archiveOf(root);
          return Buffer.concat([tar.subarray(0, -END_OF_ARCHIVE), tar]);
        },
      }),
    caughtBy: all("malformed-image", "build/image-is-sound"),
  },
];
