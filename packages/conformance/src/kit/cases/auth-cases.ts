import { expectSame } from "../case-failure.ts";
import type { ConformanceCase } from "../conformance-case.ts";
import { expectFailure } from "../expect-failure.ts";
import { imageOf } from "../image-of.ts";
import { pushPrivateBase } from "../private-base.ts";

const FILES = { Dockerfile: "FROM scratch\nCOPY a /\n", a: "1" };

/** Credentials, private base images, and registries without TLS. */
export const authCases: readonly ConformanceCase[] = [
  {
    id: "auth/pushes-with-credentials",
    title: "with the credential, a registry that refuses everybody else takes the image",
    requires: [],
    needs: ["registry-password"],
    run: async (bench) => {
      const built = await bench.build({ files: FILES });
      expectSame("text of /a", (await imageOf(bench, built)).text("/a"), "1");
    },
  },
  {
    id: "auth/wrong-password-is-REGISTRY_DENIED",
    title: "with another password the build fails with REGISTRY_DENIED",
    requires: [],
    needs: ["registry-password"],
    run: async (bench) => {
      await expectFailure(bench, { files: FILES, access: "wrong" }, ["REGISTRY_DENIED"]);
    },
  },
  {
    id: "auth/no-password-is-REGISTRY_DENIED",
    title: "without a credential the build fails with REGISTRY_DENIED",
    requires: [],
    needs: ["registry-password"],
    run: async (bench) => {
      await expectFailure(bench, { files: FILES, access: "none" }, ["REGISTRY_DENIED"]);
    },
  },
  {
    id: "auth/pulls-a-private-base",
    title: "FROM an image that needs the credential",
    requires: [],
    needs: ["registry-password"],
    run: async (bench) => {
      const { reference, marker } = await pushPrivateBase(bench);
      const built = await bench.build({
        files: { Dockerfile: `FROM ${reference}\nCOPY a /\n`, a: "1" },
        privateBase: true,
      });
      const image = await imageOf(bench, built);
      expectSame("texts of /marker and /a", [image.text("/marker"), image.text("/a")], [marker, "1"]);
      expectSame("label of the base image", image.config.config?.Labels?.["kit.base"], "private");
    },
  },
  {
    id: "auth/plain-http-needs-permission",
    title: "a registry without TLS that nobody allowed is refused with REGISTRY_UNTRUSTED",
    requires: [],
    needs: ["plain-http"],
    run: async (bench) => {
      const { registry, trust } = bench.host;
      const plainHttp = trust.plainHttp.filter((name) => name !== registry.name);
      await expectFailure(bench, { files: FILES, trust: { ...trust, plainHttp } }, ["REGISTRY_UNTRUSTED"]);
    },
  },
];
