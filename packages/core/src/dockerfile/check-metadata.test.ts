// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile look like template strings
import { describe, expect, it } from "vitest";
import { inspectDockerfile } from "./inspect-dockerfile.ts";

describe("metadata that Docker refuses before it builds", () => {
  it.each([
    ["EXPOSE abc", /"abc" is not a port/],
    ["EXPOSE 80 80/foo", /"80\/foo" is not a port/],
    ["EXPOSE 90-80", /"90-80" is not a port/],
    ["EXPOSE 70000", /"70000" is not a port/],
    ["ARG P=x\nEXPOSE 80 $P", /Line 3 .*"x" is not a port/],
    ["STOPSIGNAL SIGNONE", /"SIGNONE" is not a signal/],
    ["STOPSIGNAL 0", /"0" is not a signal/],
    ["STOPSIGNAL SIGTERM SIGKILL", /"SIGTERM SIGKILL" is not a signal/],
    ["ENV S=FOO\nSTOPSIGNAL ${S}", /Line 3 .*"FOO" is not a signal/],
    ['VOLUME ["/a", " "]', /VOLUME has an empty path/],
    ["HEALTHCHECK --interval=500us CMD x", /--interval=500us/],
    ["HEALTHCHECK --timeout=30 CMD x", /--timeout=30/],
    ["HEALTHCHECK --start-period=-1s CMD x", /--start-period=-1s/],
    ["HEALTHCHECK --retries=often CMD x", /--retries=often/],
    ["HEALTHCHECK --retries=-1 CMD x", /--retries=-1/],
    ["ENV =1", /ENV has a name that is empty/],
    ["LABEL a=1 =2", /LABEL has a name that is empty/],
    ["ARG =1", /ARG has a name that is empty/],
  ])("%j", (instructions, message) => {
    expect(() => inspectDockerfile(`FROM x\n${instructions}\n`)).toThrow(message);
  });

  it.each([
    "EXPOSE 80 81/udp 82/TCP 8000-8002 9000-9001/sctp 65535",
    "EXPOSE 8080:80 127.0.0.1:81:81/tcp",
    'ENV P="3000 4000/udp"\nEXPOSE $P',
    "EXPOSE $UNKNOWN ${UNKNOWN}/tcp",
    "EXPOSE $UNKNOWN-90",
    "STOPSIGNAL SIGTERM\nSTOPSIGNAL kill\nSTOPSIGNAL 9\nSTOPSIGNAL SIGRTMIN+3\nSTOPSIGNAL RTMAX-14",
    "STOPSIGNAL $UNKNOWN",
    'VOLUME ["/a"]\nVOLUME /a $UNKNOWN',
    "HEALTHCHECK --interval=5m --timeout=1.5s --start-period=1h2m3s --retries=0 CMD x",
    "HEALTHCHECK --interval=0 --timeout=0s CMD x",
    "HEALTHCHECK --interval= --retries= CMD x",
    "ENV a==1\nLABEL a=\nARG a",
  ])("and nothing else: %j", (instructions) => {
    expect(() => inspectDockerfile(`FROM x\n${instructions}\n`)).not.toThrow();
  });
});

describe("words that Docker cannot read", () => {
  it.each([
    ["LABEL a=${v:1:2}", /LABEL a=\$\{v:1:2\} cannot be read/],
    ["LABEL a=${}", /cannot be read/],
    ["ENV a=${v", /cannot be read/],
    ["ENV a='b", /cannot be read/],
    ['WORKDIR "/a', /cannot be read/],
    ["COPY it's /x", /cannot be read/],
    ["USER ${u", /cannot be read/],
  ])("%j", (instruction, message) => {
    expect(() => inspectDockerfile(`FROM x\n${instruction}\n`)).toThrow(message);
  });

  it.each([
    "RUN echo ${v:1:2} it's",
    "CMD it's ${v",
    "ENV a='it' b=\"it's\" c=it\\'s",
    'LABEL a="${v:-${w:+x y}}" b=${v#p*} c=${v//a/b} d=${v:?e} e=$ f=${1}',
    'COPY ["it\'s", "/x"]',
    "ONBUILD LABEL a=${v",
    "HEALTHCHECK CMD it's",
    "MAINTAINER Conan O'Brien",
  ])("and nothing else: %j", (instruction) => {
    expect(() => inspectDockerfile(`FROM x\n${instruction}\n`)).not.toThrow();
  });

  it("leaves a Dockerfile with another escape character to the builder", () => {
    expect(() => inspectDockerfile("# escape=`\nFROM x\nENV a=`'b\n")).not.toThrow();
  });
});
