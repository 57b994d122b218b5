import { describe, expect, it } from "vitest";
import { inspectDockerfile } from "./inspect-dockerfile.ts";

describe("the flags of RUN", () => {
  it.each([
    ["--mount=target=/m,colour=red", /no option "colour"/],
    ["--mount=target=/m,constructor=x", /no option "constructor"/],
    ["--mount=target", /target without a value/],
    ["--mount=target=/m,rw=perhaps", /does not take rw=perhaps/],
    ["--mount=target=/m,required", /type bind takes no required/],
    ["--mount=target=/m,mode=0700", /type bind takes no mode/],
    ["--mount=type=tmpfs,target=/m,uid=1", /type tmpfs takes no uid/],
    ["--mount=target=/m,size=1m", /type bind takes no size/],
    ["--mount=type=tmpfs,target=/m,size=much", /does not take size=much/],
    ["--mount=type=cache,target=/m,sharing=often", /does not take sharing=often/],
    ["--mount=type=cache,target=/m,mode=rwx", /does not take mode=rwx/],
    ["--mount=type=cache,target=/m,gid=staff", /does not take gid=staff/],
    ["--mount=type=secret", /needs an id or a target/],
    ["--mount=type=secret,id=a,from=b", /type secret takes no from/],
    ["--mount=from=$X,target=/m", /does not take from=\$X/],
    ["--mount=target=/", /root cannot be the target/],
    ["--mount=type=tmpfs,dst=/a/..", /root cannot be the target/],
    ["--network=nowhere", /--network=nowhere does not exist/],
    ["--security=strict", /--security=strict does not exist/],
  ])("are refused where Docker refuses them, with the line: %s", (flags, cause) => {
    const inspect = () => inspectDockerfile(`FROM a\n\nRUN ${flags} true\n`);
    expect(inspect).toThrow(cause);
    expect(inspect).toThrow(
      expect.objectContaining({ code: "INVALID_REQUEST", details: { line: 3 }, remedy: expect.any(String) }),
    );
  });

  it.each([
    "--mount=target=.",
    "--mount=type=bind,src=a,dst=/m,ro",
    "--mount=destination=/m,readwrite=1,source=a",
    "--mount=from=build,target=/m",
    "--mount=type=cache,id=c,target=/m,sharing=LOCKED,mode=0700,uid=1,gid=2,ro=false,from=a,source=b",
    "--mount=type=cache,target=$X,uid=$Y,mode=$Z",
    "--mount=type=tmpfs,target=/m,size=64m",
    "--mount=type=tmpfs,target=/m,size=1.5GiB",
    "--mount=type=secret,id=a,required,mode=0400,uid=0,env=TOKEN",
    "--mount=type=secret,target=/a,required=true",
    "--mount=type=ssh,required=false,id=default",
    "--network=none --security=insecure",
  ])("pass where Docker takes them: %s", (flags) => {
    expect(inspectDockerfile(`FROM a\nRUN ${flags} true\n`).baseImages[0]?.image).toBe("a");
  });
});
