import type { CreateHost, HostWish, KitHost } from "@slipway/conformance";
import { formatReference, parseReference } from "@slipway/core";
import { type ImageSource, openRegistryImage } from "@slipway/registry/image";
import { registrySecret } from "@slipway/testbed";
import { type BedBuilder, BuildBed, PULL_SECRET, PUSH_SECRET } from "./build-bed.ts";

const WRONG_SECRET = "wrong-secret";
/** Of the test bed's mirror of docker.io. */
const SHELL_BASE = "busybox:1.37";

/** There is one node: one of another platform is not waited for long. */
const LIMITS = { unschedulableSeconds: 15 };

/** What no other test of a builder in pods looks at; the command runs all of the kit. */
export const LEFT_TO_THE_KIT = [
  "contract/*",
  "build/leaves-the-context-alone",
  "build/keeps-unicode-names",
  "auth/wrong-password-is-REGISTRY_DENIED",
  "auth/plain-http-needs-permission",
  "output/blanks-secrets",
  "failure/ignored-file-is-BUILD_FAILED",
  "cancel/in-a-step",
  "cancel/before-it-starts",
  "secrets/steps-cannot-read-the-credential",
  "isolation/concurrent-builds-do-not-mix",
  "isolation/copied-links-do-not-lead-out",
];

/** The test bed as a place for the conformance kit: builders that build in pods, in a namespace of their own. */
export function bedHost(builder: BedBuilder): CreateHost {
  return async () => {
    const bed = await BuildBed.make(builder);
    try {
      const login = { ...bed.testbed, registryPassword: "not-the-password-of-the-registry" };
      await bed.apply(registrySecret(WRONG_SECRET, bed.namespace, login));
      return kitHostOf(builder, bed);
    } catch (error) {
      await bed.remove();
      throw error;
    }
  };
}

function kitHostOf(builder: BedBuilder, bed: BuildBed): KitHost {
  const { pushHost, registryUrl, registryUsername: username, registryPassword: password } = bed.testbed;
  return {
    registry: { name: pushHost, address: new URL(registryUrl).host, credential: { username, password } },
    trust: { plainHttp: bed.plainHttp },
    shellBase: SHELL_BASE,
    config: ({ privateBase }) => ({
      ...builder.config(bed.testbed),
      ...(privateBase ? { pullSecretName: PULL_SECRET } : {}),
    }),
    builderHost: ({ access, owner, logger, trust, workDir }) =>
      bed.withPods({ logger, trust, workDir }, { owner, secret: SECRETS[access], limits: LIMITS }),
    corpus: { openBase: (reference) => openBase(bed, reference) },
    leftovers: (owner) => podsOf(bed, owner),
    close: () => bed.remove(),
  };
}

const SECRETS: Readonly<Record<HostWish["access"], string | null>> = {
  right: PUSH_SECRET,
  wrong: WRONG_SECRET,
  none: null,
};

/** Base images are in the mirror of docker.io, which is reached from here by another name. */
function openBase({ testbed: { mirrorUrl } }: BuildBed, reference: string): Promise<ImageSource> {
  const registry = new URL(mirrorUrl).host;
  const here = formatReference({ ...parseReference(reference), registry });
  return openRegistryImage(here, { trust: { plainHttp: [registry] } });
}

/** What is being deleted can no longer start anything. */
async function podsOf(bed: BuildBed, owner: string): Promise<readonly string[]> {
  const { items } = JSON.parse(
    await bed.kubectl("get", "pods", "-l", `runner-pod=${owner}`, "-o", "json"),
  ) as { items: { metadata: { name: string; deletionTimestamp?: string } }[] };
  return items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata }) => `pod ${metadata.name}`);
}
