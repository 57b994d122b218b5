import {
  extensionEntry,
  makeTar,
  paxRecords,
  TAR_END,
  type TestEntry,
  type TestImageRecipe,
  tarEntry,
  tarHeader,
  withSum,
} from "@slipway/registry/testing";
import { type Mutation, mutation } from "./mutation.ts";
import { BASE_LAYER, OWN_LAYER, SUBJECT, withMore } from "./mutation-subject.ts";

const odd: TestEntry = { name: "app/odd" };

/** The subject's last layer with bytes at the end of its archive instead of the end. */
function archiveEnding(...parts: readonly Buffer[]): TestImageRecipe {
  const whole = makeTar(OWN_LAYER);
  return { ...SUBJECT, layers: [BASE_LAYER, Buffer.concat([whole.subarray(0, -TAR_END.length), ...parts])] };
}

function badOwner(): Buffer {
  const header = tarHeader({ name: "app/odd" }, 0);
  header.write("12a", 108, "latin1");
  return withSum(header);
}

/** Images with a layer whose archive is not as unpackers need it, or not the same for all of them. */
export const ARCHIVE_MUTATIONS: readonly Mutation[] = [
  mutation("an archive without end", archiveEnding(), "malformed:tar-no-end:layers[1]"),
  mutation(
    "an archive that ends in a header",
    archiveEnding(tarEntry(odd).subarray(0, 100)),
    "malformed:tar-truncated:layers[1]",
  ),
  mutation(
    "an archive with something after it",
    archiveEnding(TAR_END, Buffer.from("x")),
    "malformed:tar-garbage:layers[1]",
  ),
  mutation(
    "a header with another sum",
    archiveEnding(Buffer.alloc(512, 1)),
    "malformed:tar-checksum:layers[1]",
  ),
  mutation(
    "a header with a size that is none",
    archiveEnding(
      withSum(
        Buffer.concat([
          tarHeader(odd, 0).subarray(0, 124),
          Buffer.from("?"),
          tarHeader(odd, 0).subarray(125),
        ]),
      ),
    ),
    "malformed:tar-size:/app/odd",
  ),
  mutation("an owner that is no number", archiveEnding(badOwner(), TAR_END), [
    "malformed:tar-number:/app/odd",
    "extra:/app/odd",
  ]),
  mutation(
    "an extended header of nonsense",
    archiveEnding(extensionEntry("x", Buffer.from("nonsense"))),
    "malformed:tar-extended-header:layers[1]",
  ),
  mutation(
    "an entry of an unknown type",
    archiveEnding(tarHeader(odd, 0, "pax", "Z"), TAR_END),
    "malformed:tar-unknown-type:/app/odd",
  ),
  mutation(
    "a global header that says something",
    archiveEnding(extensionEntry("g", paxRecords([["uid", "1"]])), TAR_END),
    "malformed:tar-global-header:layers[1]",
  ),
  mutation(
    "a sparse file of an old form",
    archiveEnding(extensionEntry("x", paxRecords([["GNU.sparse.map", "0,1"]])), tarEntry(odd)),
    "malformed:tar-sparse:/app/odd",
  ),

  mutation("a name that leads out", withMore({ name: "../up" }), "malformed:unsafe-name:/../up"),
  mutation("a name that is absolute", withMore({ name: "/app/odd" }), [
    "malformed:absolute-name://app/odd",
    "extra:/app/odd",
  ]),
  mutation(
    "a name that is reserved",
    withMore({ name: "app/.wh..wh.plnk" }),
    "malformed:reserved-name:/app/.wh..wh.plnk",
  ),
  mutation("a name twice", withMore({ name: "app/empty" }), "malformed:duplicate-name:/app/empty"),
  mutation(
    "a name that is deleted as well",
    withMore({ name: "app/.wh.empty" }),
    "malformed:whiteout-and-entry:/app/empty",
  ),
  mutation("an entry without its folder", withMore({ name: "nowhere/odd" }), [
    "malformed:missing-parent:/nowhere",
    "extra:/nowhere",
  ]),
  mutation("an entry in a file", withMore({ name: "bin/sh/odd" }), "malformed:parent-not-folder:/bin/sh/odd"),
  mutation(
    "an entry in a link of a lower layer",
    {
      ...SUBJECT,
      layers: [
        [...BASE_LAYER, { name: "lib", type: "symlink", linkName: "bin" }],
        [...OWN_LAYER, { name: "lib/odd" }],
      ],
    },
    ["malformed:parent-is-link:/lib", "extra:/bin/odd", "extra:/lib"],
  ),
  mutation(
    "a hard link to nothing",
    withMore({ ...odd, type: "hardlink", linkName: "app/none" }),
    "malformed:missing-link-target:/app/odd",
  ),
  mutation(
    "a hard link into a lower layer",
    withMore({ ...odd, type: "hardlink", linkName: "bin/sh", mode: 0o755 }),
    ["malformed:link-into-lower-layer:/app/odd", "extra:/app/odd"],
  ),
  mutation(
    "a hard link with another owner",
    withMore({ ...odd, type: "hardlink", linkName: "app/tool", mode: 0o4755 }),
    ["malformed:hard-link-attributes:/app/odd", "extra:/app/odd"],
  ),
];
