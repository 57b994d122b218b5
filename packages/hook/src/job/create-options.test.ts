import { describe, expect, it } from "vitest";
import { parseCreateOptions } from "./create-options.ts";

describe("parseCreateOptions", () => {
  it("reads what services usually have", () => {
    const text = `--health-cmd "redis-cli ping" --health-interval 10s --health-timeout=5s --health-retries 5 --health-start-period 1m`;
    expect(parseCreateOptions(text)).toEqual({
      environment: {},
      user: undefined,
      health: { command: "redis-cli ping", intervalSeconds: 10, timeoutSeconds: 5, retries: 5 },
      hostNames: [],
      ignored: [],
    });
  });

  it.each([
    ["", undefined],
    ["--health-interval 5s", undefined],
    ["--health-cmd none", undefined],
    ["--health-cmd x --no-healthcheck", undefined],
    ["--health-cmd x", { intervalSeconds: 30, timeoutSeconds: 30, retries: 3 }],
    [
      "--health-cmd=x --health-interval=1m30s --health-timeout 500ms --health-retries 0",
      {
        intervalSeconds: 90,
        timeoutSeconds: 1,
        retries: 3,
      },
    ],
    ["--health-cmd y --health-interval 0s --health-cmd 'x' ", { intervalSeconds: 30 }],
  ])("takes %s for the check %j", (text, health) => {
    const found = parseCreateOptions(text).health;
    if (health === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject({ command: "x", ...health });
  });

  it.each([
    ["--user 1001", { uid: 1001, gid: undefined }],
    ["--user=1001:121", { uid: 1001, gid: 121 }],
    ["-u root", { uid: 0, gid: undefined }],
    ["-u0:0", { uid: 0, gid: 0 }],
  ])("takes %s for the user %j", (text, user) => {
    expect(parseCreateOptions(text)).toMatchObject({ user, ignored: [] });
  });

  it("collects variables, the last one of a name", () => {
    const { environment } = parseCreateOptions(`-e A=1 --env "B=x y=z" --env=A=2 -eC=`);
    expect(environment).toEqual({ A: "2", B: "x y=z", C: "" });
  });

  it("collects the names under which others look for the container", () => {
    const text = "--name db --network-alias DB --hostname my.host --net-alias other -h db";
    expect(parseCreateOptions(text)).toMatchObject({ hostNames: ["db", "my.host", "other"], ignored: [] });
  });

  it.each([
    ["--cpus 1 --memory=2g -m 1g", ["--cpus", "--memory"]],
    ["--privileged --init -it --rm", ["--privileged", "--init", "--interactive", "--rm"]],
    ["--user postgres --env FROM_HOST --name a_b", ["--user", "--env", "--name"]],
    ["-v /a:/b --mount type=bind --add-host a:1.2.3.4", ["--volume", "--mount", "--add-host"]],
    ["--no-such thing", ["--no-such"]],
    ["stray", ["stray"]],
    ["--shm-size", ["--shm-size"]],
  ])("has no use for %s", (text, ignored) => {
    expect(parseCreateOptions(text)).toMatchObject({ ignored, environment: {}, hostNames: [] });
  });

  it.each([
    ["--health-interval soon", "--health-interval of a container must be a duration"],
    ["--health-timeout 5", "--health-timeout of a container must be a duration"],
    ["--health-retries many", "--health-retries of a container must be a whole number"],
  ])("refuses %s", (text, message) => {
    expect(() => parseCreateOptions(`--health-cmd x ${text}`)).toThrow(message);
  });
});
