import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expectSame, expectThat } from "../case-failure.ts";
import type { ConformanceCase } from "../conformance-case.ts";
import { folderState } from "../context-files.ts";
import { assertSound, imageOf } from "../image-of.ts";

const COPY_ALL = "FROM scratch\nCOPY . /ctx/\n";
const MEBIBYTE = 1 << 20;

/** What is in the image, and where it is pushed. */
export const buildCases: readonly ConformanceCase[] = [
  {
    id: "build/reports-the-pushed-digest",
    title: "the digest that the builder reports is that of the tag in the registry",
    requires: [],
    run: async (bench) => {
      const { result, destinations } = await bench.build({ files: { Dockerfile: COPY_ALL, a: "1" } });
      expectSame(`digest of ${destinations[0]}`, await bench.registry.digest(destinations[0]), result.digest);
    },
  },
  {
    id: "build/image-is-sound",
    title: "digests, sizes, media types and layers of what was pushed fit together",
    requires: [],
    run: async (bench) => {
      const built = await bench.build({ files: { Dockerfile: COPY_ALL, a: "1", "b/c": "2" } });
      assertSound(await imageOf(bench, built), () => true);
    },
  },
  {
    id: "build/pushes-every-destination",
    title: "every destination has the same image, in one repository or in another",
    requires: [],
    run: async (bench) => {
      const first = bench.destination("1");
      const destinations = [first, first.replace(/:1$/, ":2"), bench.destination("1")] as const;
      const { result } = await bench.build({
        files: { Dockerfile: COPY_ALL },
        request: { destinations: [...destinations] },
      });
      for (const name of destinations)
        expectSame(`digest of ${name}`, await bench.registry.digest(name), result.digest);
    },
  },
  {
    id: "build/reports-true-facts",
    title: "facts that the builder reports are those of the image's configuration",
    requires: [],
    run: async (bench) => {
      const built = await bench.build({
        files: {
          Dockerfile:
            'FROM scratch\nCOPY a /\nENV ONE="1 2"\nWORKDIR /work\nUSER 4711:12\nENTRYPOINT ["/a", "b"]\nCMD ["c d"]\n',
          a: "1",
        },
      });
      const { config, facts } = await imageOf(bench, built);
      expectSame(
        "Env of the image",
        config.config?.Env?.filter((line) => line.startsWith("ONE=")),
        ["ONE=1 2"],
      );
      expectSame("Entrypoint of the image", config.config?.Entrypoint, ["/a", "b"]);
      expectSame("Cmd of the image", config.config?.Cmd, ["c d"]);
      expectSame("User of the image", config.config?.User, "4711:12");
      expectSame("WorkingDir of the image", config.config?.WorkingDir, "/work");
      if (built.result.facts !== undefined) expectSame("reported facts", built.result.facts, facts);
    },
  },
  {
    id: "build/finds-dockerfile-in-subfolder",
    title: "a Dockerfile in a folder builds from the root of the context",
    requires: [],
    run: async (bench) => {
      const built = await bench.build({
        files: {
          Dockerfile: "FROM scratch\nCOPY wrong /\n",
          "deploy/app/Dockerfile": "FROM scratch\nCOPY right /\n",
          right: "from the root",
          wrong: "",
          "deploy/app/right": "from the folder",
        },
        request: { dockerfile: "deploy/app/Dockerfile" },
      });
      expectSame("text of /right", (await imageOf(bench, built)).text("/right"), "from the root");
    },
  },
  {
    id: "build/respects-dockerignore",
    title: ".dockerignore leaves files out, with its exceptions",
    requires: [],
    run: async (bench) => {
      const built = await bench.build({
        files: {
          Dockerfile: COPY_ALL,
          ".dockerignore": "# secrets\n*.log\n**/*.log\n!keep.log\nDockerfile\n.dockerignore\n",
          "a.txt": "a",
          "b.log": "b",
          "keep.log": "k",
          "sub/c.log": "c",
          "sub/d.txt": "d",
        },
      });
      expectSame("files of the image", (await imageOf(bench, built)).paths("/ctx"), [
        "/ctx/a.txt",
        "/ctx/keep.log",
        "/ctx/sub",
        "/ctx/sub/d.txt",
      ]);
    },
  },
  {
    id: "build/prefers-the-dockerfiles-own-dockerignore",
    title: "NAME.dockerignore beside the Dockerfile NAME takes the place of .dockerignore",
    requires: [],
    run: async (bench) => {
      const built = await bench.build({
        files: {
          "app.Dockerfile": COPY_ALL,
          ".dockerignore": "a\n",
          "app.Dockerfile.dockerignore": "*\n!a\n!sub/c\n",
          a: "a",
          b: "b",
          "sub/c": "c",
          "sub/d": "d",
        },
        request: { dockerfile: "app.Dockerfile" },
      });
      const paths = (await imageOf(bench, built)).paths("/ctx");
      expectSame("files of the image", paths, ["/ctx/a", "/ctx/sub", "/ctx/sub/c"]);
    },
  },
  {
    id: "build/keeps-modes",
    title: "files and folders keep their permissions",
    requires: [],
    run: async (bench) => {
      const modes = { "tree/run.sh": 0o755, "tree/private": 0o600, "tree/shared": 0o664 };
      const built = await bench.build({
        files: { Dockerfile: "FROM scratch\nCOPY tree /ctx/\n", ...texts(modes) },
        prepare: async (folder) => {
          for (const [path, mode] of Object.entries(modes)) await chmod(join(folder, path), mode);
          await mkdir(join(folder, "tree/empty"));
          await chmod(join(folder, "tree/empty"), 0o711);
        },
      });
      const image = await imageOf(bench, built);
      const found = ["empty", "private", "run.sh", "shared"].map((name) => image.mode(`/ctx/${name}`));
      expectSame("modes", found, ["711", "600", "755", "664"]);
    },
  },
  {
    id: "build/keeps-symlinks",
    title: "symbolic links stay links, those that lead nowhere too",
    requires: [],
    run: async (bench) => {
      const built = await bench.build({
        files: { Dockerfile: "FROM scratch\nCOPY tree /ctx/\n", "tree/file": "x" },
        prepare: async (folder) => {
          await symlink("file", join(folder, "tree/link"));
          await symlink("no/such/file", join(folder, "tree/dangling"));
        },
      });
      const image = await imageOf(bench, built);
      const found = ["link", "dangling"].map((name) => image.file(`/ctx/${name}`)?.target);
      expectSame("targets of links", found, ["file", "no/such/file"]);
    },
  },
  {
    id: "build/keeps-unicode-names",
    title: "names of files may have blanks and any letters",
    requires: [],
    run: async (bench) => {
      const names = ["with blank", "größe.txt", "数据", "e\u0301.txt", "-dash", "a'b\"c"];
      const files = Object.fromEntries(names.map((name) => [`tree/${name}`, name]));
      const built = await bench.build({ files: { Dockerfile: "FROM scratch\nCOPY tree /ctx/\n", ...files } });
      const image = await imageOf(bench, built);
      for (const name of names) expectSame(`text of /ctx/${name}`, image.text(`/ctx/${name}`), name);
    },
  },
  {
    id: "build/takes-a-large-context",
    title: "a context of 32 MiB that does not compress arrives whole",
    requires: [],
    run: async (bench) => {
      const bytes = randomBytes(32 * MEBIBYTE);
      const built = await bench.build({ files: { Dockerfile: "FROM scratch\nCOPY big /\n", big: bytes } });
      const file = (await imageOf(bench, built)).file("/big");
      expectSame("size of /big", file?.size, bytes.length);
      expectSame("SHA-256 of /big", file?.sha256, createHash("sha256").update(bytes).digest("hex"));
    },
  },
  {
    id: "build/leaves-the-context-alone",
    title: "the folder of the context is the same after the build",
    requires: [],
    run: async (bench) => {
      let before: readonly string[] = [];
      let after: readonly string[] = [];
      await bench.build({
        files: { Dockerfile: COPY_ALL, ".dockerignore": "b\n", a: "1", b: "2" },
        prepare: async (folder) => {
          before = await folderState(folder);
        },
        afterwards: async (folder) => {
          after = await folderState(folder);
        },
      });
      expectSame("files of the context", after, before);
    },
  },
  {
    id: "build/builder-is-reusable",
    title:
      "one builder builds again and again, also after a failure, and nothing of one image is in the next",
    requires: [],
    run: async (bench) => {
      const builder = await bench.builder();
      await bench.build({ builder, files: { Dockerfile: COPY_ALL, first: "1" } });
      const failed = await bench.attempt({ builder, files: { Dockerfile: "FROM scratch\nCOPY absent /\n" } });
      expectThat(failed.error !== undefined, "a failure for COPY of a file that is not there", "an image");
      const second = await bench.build({
        builder,
        files: { Dockerfile: COPY_ALL, ".dockerignore": "Dockerfile\n.dockerignore\n", second: "2" },
      });
      expectSame("files of the image", (await imageOf(bench, second)).paths("/ctx"), ["/ctx/second"]);
    },
  },
];

/** A file of any text for each path. */
function texts(paths: object): Record<string, string> {
  return Object.fromEntries(Object.keys(paths).map((path) => [path, "x"]));
}
