import { describe, expect, it } from "vitest";
import type { Mount } from "../protocol/hook-input.ts";
import type { WorkPlacement } from "../work/work-placement.ts";
import { type FoldersRequest, foldersOf, planJobFolders } from "./job-folders.ts";

const WORK = "/home/runner/_work";
const shared: WorkPlacement = { kind: "shared", claim: "arc-work", subPath: "jobs/1", pinned: true };
const copy: WorkPlacement = { kind: "copy" };

function mount(source: string | undefined, target: string, readOnly = false): Mount {
  return { source, target, readOnly };
}

/** As the runner asks for a job's container. */
const systemMounts = [
  mount("/var/run/docker.sock", "/var/run/docker.sock"),
  mount(WORK, "/__w"),
  mount("/home/runner/externals", "/__e", true),
  mount(`${WORK}/_temp`, "/__w/_temp"),
  mount(`${WORK}/_actions`, "/__w/_actions"),
  mount("/opt/hostedtoolcache", "/__t"),
  mount(`${WORK}/_temp/_github_home`, "/github/home"),
  mount(`${WORK}/_temp/_github_workflow`, "/github/workflow"),
];

function plan(request: Partial<FoldersRequest>, placement: WorkPlacement) {
  return planJobFolders({ systemMounts, jobVolumes: [], serviceVolumes: [], ...request }, WORK, placement);
}

function mountsOf(mounts: readonly { mountPath: string; name: string; subPath?: string }[]): string[] {
  return mounts.map(({ mountPath, name, subPath }) => `${mountPath} ${name} ${subPath ?? "."}`);
}

describe("planJobFolders", () => {
  it("copies the work folder, and a tool cache outside of it", () => {
    const { jobMounts, trees, subPaths } = plan({}, copy);
    expect(mountsOf(jobMounts)).toEqual([
      "/__w work __w",
      "/__t work __t",
      "/github/home work __w/_temp/_github_home",
      "/github/workflow work __w/_temp/_github_workflow",
    ]);
    expect(trees.map(({ name, source }) => [name, source])).toEqual([
      ["__w", WORK],
      ["__t", "/opt/hostedtoolcache"],
    ]);
    expect(subPaths).toEqual(["__w", "__t", "__w/_temp/_github_home", "__w/_temp/_github_workflow"]);
  });

  it.each([
    ["jobs/1", ["jobs/1", "jobs/1/_temp/_github_home", "jobs/1/_temp/_github_workflow"]],
    ["", [".", "_temp/_github_home", "_temp/_github_workflow"]],
  ])("shows what lies on the claim at sub path %j", (subPath, paths) => {
    const { jobMounts } = plan({}, { ...shared, subPath });
    expect(mountsOf(jobMounts)).toEqual(
      ["/__w", "/github/home", "/github/workflow"].map((target, index) => `${target} work ${paths[index]}`),
    );
  });

  it("lets services see the same, and the volumes of their own", () => {
    const serviceVolumes = [[mount(`${WORK}/repo/repo/seed`, "/seed", true)], []];
    const { jobMounts, serviceMounts } = plan({ serviceVolumes }, shared);
    expect(serviceMounts[1]).toEqual(jobMounts);
    expect(serviceMounts[0]?.at(-1)).toEqual({
      name: "work",
      mountPath: "/seed",
      subPath: "jobs/1/repo/repo/seed",
      readOnly: true,
    });
  });

  it("makes one empty volume for each name, and for each that has none", () => {
    const { jobMounts, serviceMounts, volumes } = plan(
      {
        jobVolumes: [mount("data", "/data"), mount(undefined, "/scratch")],
        serviceVolumes: [[mount("data", "/var/data", true), mount(undefined, "/scratch")]],
      },
      copy,
    );
    const named = [jobMounts, serviceMounts[0] ?? []].map((mounts) =>
      mounts.filter(({ name }) => name !== "work").map(({ name, mountPath }) => `${mountPath} ${name}`),
    );
    expect(named).toEqual([
      ["/data volume-0", "/scratch volume-1"],
      ["/var/data volume-0", "/scratch volume-2"],
    ]);
    expect(volumes.map(({ name }) => name)).toEqual(["volume-0", "volume-1", "volume-2"]);
  });

  it.each([
    ["/var/run/docker.sock", "/var/run/docker.sock"],
    [`${WORK}/../secrets`, "/secrets"],
    ["/home/runner/_work2", "/x"],
  ])("refuses %s", (source, target) => {
    expect(() => plan({ jobVolumes: [mount(source, target)] }, shared)).toThrow(
      `Volume mounts outside of the work folder are not supported: ${source} for ${target}`,
    );
  });

  it("shows the work folder even where nobody asks for it", () => {
    expect(mountsOf(plan({ systemMounts: [] }, copy).jobMounts)).toEqual(["/__w work __w"]);
  });
});

it("knows the folders of the runner that have to exist", () => {
  const jobVolumes = [mount(`${WORK}/cache`, "/cache"), mount("data", "/data")];
  const sources = foldersOf({ systemMounts, jobVolumes, serviceVolumes: [] }, WORK).map(
    ({ source }) => source,
  );
  expect(sources).toContain(`${WORK}/cache`);
  expect(sources).toContain(`${WORK}/_temp/_github_home`);
  expect(sources).not.toContain("/home/runner/externals");
  expect(sources).not.toContain("data");
});
