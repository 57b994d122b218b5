import { describe, expect, it } from "vitest";
import { dockerfilePrefixes } from "./dockerfile-prefixes.ts";

const DOCKERFILE = `ARG V=1
FROM busybox:$V AS first
# a comment
RUN echo one \\
    two
RUN <<EOF
FROM inside
EOF
FROM scratch AS Last
COPY --from=first \\
  /a /b
FROM busybox
USER late
`;

const linesOf = (target?: string) => dockerfilePrefixes(DOCKERFILE, target).map(({ line }) => line);

describe("the prefixes of a Dockerfile", () => {
  it("end after each instruction that can change an image, with all of its lines", () => {
    const prefixes = dockerfilePrefixes(DOCKERFILE, undefined);
    expect(prefixes.map(({ line }) => line)).toEqual([4, 6, 10, 13]);
    expect(prefixes[0]?.text).toBe(`${DOCKERFILE.split("\n").slice(0, 5).join("\n")}\n`);
    expect(prefixes[1]?.text.endsWith("\nEOF\n")).toBe(true);
    expect(prefixes[2]?.instruction).toBe("COPY --from=first /a /b");
    expect(prefixes[3]?.text).toBe(`${DOCKERFILE}`);
  });

  it("end with the target, by name or number", () => {
    expect(linesOf("last")).toEqual([4, 6, 10]);
    expect(linesOf("0")).toEqual([4, 6]);
  });
});
