/**
 * A hook for tests of the driver alone, as source: notes every input in INPUTS and runs script steps on this machine, with the paths of the
 * job container turned back. Containers it only notes.
 */
export const LOCAL_HOOK = `
const { appendFileSync, readFileSync, writeFileSync } = require("node:fs");
const { spawn } = require("node:child_process");
const input = JSON.parse(readFileSync(0, "utf8"));
appendFileSync(process.env.INPUTS, JSON.stringify(input) + "\\n");
const work = require("node:path").dirname(process.env.RUNNER_TEMP);
const here = (text) => text
  .replaceAll("/github/workflow", work + "/_temp/_github_workflow")
  .replaceAll("/__w", work)
  .replace(/^\\/__e\\/.*node$/, process.execPath);
const answers = {
  prepare_job: () => respond({
    state: { jobPod: "pod" }, isAlpine: process.env.ALPINE === "1",
    context: { services: input.args.services.map(() => ({ ports: { 80: "8080" } })) },
  }),
  run_script_step: () => {
    const { entryPoint, entryPointArgs, environmentVariables, workingDirectory, prependPath } = input.args;
    const env = Object.fromEntries(Object.entries(environmentVariables).map(([name, value]) => [name, here(value)]));
    env.PATH = [...prependPath, process.env.PATH].join(":");
    const child = spawn(here(entryPoint), entryPointArgs.map(here), { env, cwd: here(workingDirectory), stdio: "inherit" });
    process.on("SIGINT", () => child.kill("SIGINT"));
    child.on("close", (code) => process.exit(code ?? 130));
  },
  run_container_step: () => console.log("container step"),
  cleanup_job: () => console.log("cleaned"),
};
const respond = (response) => writeFileSync(input.responseFile, JSON.stringify(response));
answers[input.command]();
`;
