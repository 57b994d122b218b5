import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it, test } from "vitest";
import { scratch } from "./agent-process.ts";
import { jobContainer } from "./job-container.ts";

describe("what a program prints", () => {
  it.each([
    ["keeps the order of both streams", "echo 1; echo 2 >&2; echo 3; echo 4 >&2", "1\n2\n3\n4\n"],
    ["may go to /dev/stderr", "echo a; echo b > /dev/stderr; echo c", "a\nb\nc\n"],
    ["may go to /dev/stdout by tee", "echo a | tee /dev/stdout | sort", "a\na\n"],
    ["may be nothing", ":", ""],
    ["may be without a line break", "printf x", "x"],
  ])("%s", async (_what, script, printed) => {
    const { shell } = await jobContainer();
    const program = shell(script);
    expect(await program.exited).toEqual({ exitCode: 0 });
    expect(program.text()).toBe(printed);
  });

  it("is whole although a daemon holds the pipe, and the daemon lives on", async () => {
    const { shell, folder } = await jobContainer();
    const go = join(folder, "go");
    const first = shell(
      `( while [ ! -e ${go} ]; do sleep 0.02; done; echo late; echo alive > ${go} ) & echo early`,
    );
    expect(await first.exited).toEqual({ exitCode: 0 });
    expect(first.text()).toBe("early\n");
    writeFileSync(go, "");
    const second = shell(`until grep -q alive ${go}; do sleep 0.02; done; echo seen`);
    expect(await second.exited).toEqual({ exitCode: 0 });
    expect([first.text(), second.text()]).toEqual(["early\n", "seen\n"]);
  });
});

test("100 MB of output arrive intact, and a program waits for a slow reader", async () => {
  const { link } = await jobContainer();
  const [block, count] = [64 * 1024, 1600];
  const script = `
    const { writeSync } = require("node:fs");
    const block = require("node:crypto").createHash("sha512").update("x").digest().toString("hex").repeat(512);
    for (let at = 0; at < ${count}; at++) { writeSync(1, block); if (at === 0) writeSync(2, "!"); }`;
  const start = {
    id: "big",
    entryPoint: process.execPath,
    args: ["-e", script],
    environment: {},
    prependPath: [],
  };
  const hash = createHash("sha256");
  let [busy, bytes] = [0, 0];
  const program = link.start(start, async (chunk) => {
    busy += 1;
    expect(busy).toBe(1);
    // Many turns of the loop: the pipe is full long before.
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    hash.update(chunk);
    bytes += chunk.length;
    busy -= 1;
  });
  expect(await program.exited).toEqual({ exitCode: 0 });
  const text = createHash("sha512").update("x").digest().toString("hex").repeat(512);
  const expected = createHash("sha256").update(`${text}!`);
  for (let at = 1; at < count; at++) expected.update(text);
  expect([bytes, hash.digest("hex")]).toEqual([block * count + 1, expected.digest("hex")]);
});

describe("an exit code", () => {
  it.each([
    ["exit 0", 0],
    ["exit 3", 3],
    ["exit 255", 255],
    ["kill -INT $$", 130],
    ["kill -KILL $$", 137],
    ["kill -TERM $$", 143],
    ["nothing-of-this-name", 127],
  ])("of %j is %d", async (script, exitCode) => {
    const { shell } = await jobContainer();
    expect(await shell(script).exited).toEqual({ exitCode });
  });
});

describe("a program that cannot start", () => {
  it.each([
    [
      "an unknown name",
      { entryPoint: "no-such-program" },
      127,
      /no program "no-such-program".*looked for in/,
    ],
    ["no file", { entryPoint: "/no/such/file" }, 127, /no program "\/no\/such\/file" in the job container$/],
    ["an empty name", { entryPoint: "" }, 127, /no program ""/],
    [
      "a folder that is missing",
      { workingDirectory: "/no/such/folder" },
      126,
      /no folder \/no\/such\/folder/,
    ],
    ["a file for a folder", { workingDirectory: "/etc/passwd" }, 126, /no folder \/etc\/passwd/],
    [
      "a file that may not run",
      { entryPoint: "/etc/passwd" },
      126,
      /may not run \/etc\/passwd \(user \d+, group \d+\)/,
    ],
    ["a NUL in an argument", { args: ["a\0b"] }, 126, /cannot be started/],
    ["5 MB of environment", { environment: { BIG: "x".repeat(5e6) } }, 126, /the variable BIG with 5000003/],
    ["5 MB of arguments", { args: ["-c", ":", "y".repeat(5e6)] }, 126, /argument 3 with 5000000/],
  ])("because of %s says so", async (_what, command, exitCode, message) => {
    const { run } = await jobContainer();
    const program = run(command);
    expect(await program.exited).toEqual({
      exitCode,
      failure: {
        code: "INVALID_REQUEST",
        message: expect.stringMatching(message),
        remedy: expect.any(String),
      },
    });
    expect(program.text()).toBe("");
  });

  it("because its interpreter is missing says so", async () => {
    const { run, folder } = await jobContainer();
    const entryPoint = join(folder, "program");
    writeFileSync(entryPoint, "#!/no/such/interpreter\n", { mode: 0o755 });
    const exit = await run({ entryPoint }).exited;
    expect([exit.exitCode, exit.failure?.message]).toEqual([
      126,
      expect.stringMatching(/interpreter is not/),
    ]);
  });
});

test("arguments and environment arrive exactly", async () => {
  const { run } = await jobContainer();
  const odd = ["a b", "'\"`$(id)$HOME\\", "line\nbreak\r\t", "", "grüße 😀", "*", "-n", "$$(X)"];
  const environment = Object.fromEntries(odd.map((text, at) => [`ODD_${at}`, text]));
  const script = "console.log(JSON.stringify([process.argv.slice(1), process.env]))";
  const program = run({ entryPoint: process.execPath, args: ["-e", script, "--", ...odd], environment });
  expect(await program.exited).toEqual({ exitCode: 0 });
  const [args, seen] = JSON.parse(program.text());
  expect(args).toEqual(odd);
  expect(seen).toEqual({ ...environment, PATH: process.env["PATH"] });
});

test("the container's variables are there, and the step's come first", async () => {
  const { run } = await jobContainer({ PATH: "/bin", OF_IMAGE: "1", BOTH: "image" });
  const program = run({ entryPoint: "/usr/bin/env", environment: { BOTH: "step" } });
  expect(await program.exited).toEqual({ exitCode: 0 });
  expect(program.text().trim().split("\n").sort()).toEqual(["BOTH=step", "OF_IMAGE=1", "PATH=/bin"]);
});

test("prependPath comes before PATH, its first entry first, and is searched", async () => {
  const { run, shell } = await jobContainer({ PATH: "/usr/bin:/bin" });
  const [newer, older] = [scratch(), scratch()];
  for (const [folder, says] of [
    [newer, "newer"],
    [older, "older"],
  ] as const) {
    writeFileSync(join(folder, "tool"), `#!/bin/sh\necho ${says} $0\n`, { mode: 0o755 });
  }
  const prependPath = [newer, older];
  const tool = run({ entryPoint: "tool", prependPath });
  await tool.exited;
  expect(tool.text()).toBe(`newer ${newer}/tool\n`);
  const path = shell("echo $PATH; tool", { prependPath, environment: { PATH: "/bin" } });
  await path.exited;
  expect(path.text()).toBe(`${newer}:${older}:/bin\nnewer ${newer}/tool\n`);
});

test("a file that may not run is passed over where PATH has one that may", async () => {
  const { run } = await jobContainer();
  const [first, second] = [scratch(), scratch()];
  writeFileSync(join(first, "tool"), "");
  chmodSync(join(first, "tool"), 0o644);
  writeFileSync(join(second, "tool"), "#!/bin/sh\nexit 7\n", { mode: 0o755 });
  expect(await run({ entryPoint: "tool", prependPath: [first, second] }).exited).toEqual({ exitCode: 7 });
});

test("a relative program is looked for in the working directory", async () => {
  const { run } = await jobContainer();
  const workingDirectory = realpathSync(scratch());
  mkdirSync(join(workingDirectory, "bin"));
  writeFileSync(join(workingDirectory, "bin/tool"), "#!/bin/sh\npwd; readlink /proc/$$/fd/0\n", {
    mode: 0o755,
  });
  const program = run({ entryPoint: "bin/tool", workingDirectory });
  await program.exited;
  expect(program.text()).toBe(`${workingDirectory}\n/dev/null\n`);
});

test("a program has a session of its own, and none of our files", async () => {
  const { shell } = await jobContainer();
  const program = shell(
    "echo $$ $(cut -d' ' -f5,6 /proc/$$/stat); for f in /proc/$$/fd/*; do readlink $f; done",
  );
  await program.exited;
  const [ids = "", input, output, errors, ...others] = program.text().trim().split("\n");
  expect(new Set(ids.split(" ")).size).toBe(1);
  expect([input, output, errors]).toEqual(["/dev/null", expect.stringMatching(/out-1$/), output]);
  // Whatever started the tests may have left open a file or two.
  expect(others.filter((file) => /socket|out-|anon_inode/.test(file))).toEqual([]);
});

test("the program beside the steps runs once and prints to the container", async () => {
  const { link, supervisor, folder } = await jobContainer();
  const mark = join(folder, "mark");
  link.startBeside({
    id: "main",
    entryPoint: "sh",
    args: ["-c", `echo started >> ${mark}; echo beside; sleep 100`],
    environment: {},
    prependPath: [],
  });
  for await (const chunk of supervisor.stdout ?? []) {
    expect(String(chunk)).toBe("beside\n");
    break;
  }
  expect(readFileSync(mark, "utf8")).toBe("started\n");
});
