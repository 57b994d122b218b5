import { expectSame } from "../case-failure.ts";
import type { ConformanceCase } from "../conformance-case.ts";
import { imageOf } from "../image-of.ts";

/** Quotes, blanks, what a shell or a list would split or replace. */
const ODD = `a "b" 'c' $HOME \${PATH} \\n,=;|& #`;

/** The fields of a request that a builder may or may not have. */
export const requestCases: readonly ConformanceCase[] = [
  {
    id: "build/honours-build-args",
    title: "a build argument replaces the default of its ARG; others keep theirs",
    requires: ["build-args"],
    run: async (bench) => {
      const built = await bench.build({
        files: {
          Dockerfile: "FROM scratch\nARG ONE=default\nARG TWO=default\nCOPY a /\nLABEL one=$ONE two=$TWO\n",
          a: "1",
        },
        request: { buildArgs: { ONE: "given" } },
      });
      const labels = (await imageOf(bench, built)).config.config?.Labels;
      expectSame("labels", [labels?.["one"], labels?.["two"]], ["given", "default"]);
    },
  },
  {
    id: "build/keeps-odd-build-args",
    title: "a build argument arrives with every character",
    requires: ["build-args"],
    run: async (bench) => {
      const built = await bench.build({
        files: { Dockerfile: 'FROM scratch\nARG ODD\nCOPY a /\nENV ODD="$ODD"\n', a: "1" },
        request: { buildArgs: { ODD } },
      });
      const env = (await imageOf(bench, built)).config.config?.Env ?? [];
      expectSame("value of ODD", env.find((line) => line.startsWith("ODD="))?.slice(4), ODD);
    },
  },
  {
    id: "build/honours-labels",
    title: "labels of the request are on the image, with every character, and win over the Dockerfile's",
    requires: ["labels"],
    run: async (bench) => {
      const labels = { "org.example.odd": ODD, "org.example.empty": "", both: "request" };
      const built = await bench.build({
        files: { Dockerfile: "FROM scratch\nCOPY a /\nLABEL own=kept both=dockerfile\n", a: "1" },
        request: { labels },
      });
      const found = (await imageOf(bench, built)).config.config?.Labels ?? {};
      const wanted = { ...labels, own: "kept" };
      expectSame("labels", Object.fromEntries(Object.keys(wanted).map((key) => [key, found[key]])), wanted);
    },
  },
  {
    id: "build/stops-at-target-stage",
    title: "the image is that of the target stage; stages after it are not built",
    requires: ["target"],
    run: async (bench) => {
      const built = await bench.build({
        files: {
          Dockerfile:
            "FROM scratch AS first\nCOPY a /\nLABEL stage=first\nFROM first AS Wanted\nCOPY b /\nLABEL stage=wanted\nFROM scratch AS last\nCOPY absent /\n",
          a: "a",
          b: "b",
        },
        request: { target: "wanted" },
      });
      const image = await imageOf(bench, built);
      expectSame("label stage", image.config.config?.Labels?.["stage"], "wanted");
      expectSame("texts of /a and /b", [image.text("/a"), image.text("/b")], ["a", "b"]);
    },
  },
  {
    id: "build/honours-platform",
    title: "an image is for the platform of the request; what cannot be built here fails instead",
    requires: ["platform"],
    run: async (bench) => {
      const [own, other] =
        process.arch === "arm64" ? (["arm64", "amd64"] as const) : (["amd64", "arm64"] as const);
      const wish = (architecture: string) => ({
        files: { Dockerfile: "FROM scratch\nCOPY a /\n", a: "1" },
        request: { platform: `linux/${architecture}` },
      });
      const built = await bench.build(wish(own));
      expectSame("architecture", (await imageOf(bench, built)).config.architecture, own);
      const ended = await bench.attempt(wish(other));
      // Where there is no node of the other kind, to fail is honest.
      if (ended.result === undefined) return;
      expectSame("architecture", (await imageOf(bench, ended)).config.architecture, other);
    },
  },
];
