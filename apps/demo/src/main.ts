// npm run demo: the hook, in a runner pod of the test bed, as the runner would call it.
import { join } from "node:path";
import { hookEnvironment, loadTestbed, type Step, type StepResult, startRunner } from "@slipway/testbed";

const root = join(import.meta.dirname, "../../..");
const uses = "octo-org/greet@v1";
const workspace = "/home/runner/_work/hello-world/hello-world";
/** A runner of the demo's own, so that nothing else that runs here counts as left behind. */
const pod = "slipway-demo";

const testbed = await loadTestbed();

title("What the operator set on the runner");
for (const [name, value] of Object.entries(hookEnvironment(testbed))) console.log(`  ${name}=${value}`);
const runner = await startRunner(testbed, { pod, hook: join(root, "packages/hook/dist/index.js") });
await runner.placeAction(uses, join(root, "apps/demo/action"));

const first = await step("A Dockerfile action: built by Kaniko, pushed, pulled, run", {
  kind: "action",
  uses,
  with: { "who-to-greet": "Octo Cat" },
});
console.log(`  GITHUB_OUTPUT at the runner: ${JSON.stringify(first.outputs)}`);
console.log(
  `  greeting.txt in the runner's workspace: ${(await runner.shell(`cat ${workspace}/greeting.txt`)).trim()}`,
);

const second = await step(
  "The same action once more, and it fails: the image is there, the exit code is kept",
  {
    kind: "action",
    uses,
    with: { "fail-with": "7" },
  },
);
const cleanup = await step("cleanup_job", { kind: "cleanup" });
const left = await runner.leftovers();
console.log(`  Left in the cluster: ${left.length === 0 ? "nothing" : left.join(", ")}`);
await testbed.runKubectl(["-n", testbed.namespace, "delete", "pod", pod, "--grace-period=0", "--force"]);

const proven =
  first.exitCode === 0 &&
  first.outputs["greeting"] === "Hello, Octo Cat!" &&
  second.exitCode === 7 &&
  cleanup.exitCode === 0 &&
  left.length === 0;
console.log(proven ? "\nThe demo did what it says." : "\nThe demo did NOT do what it says.");
process.exitCode = proven ? 0 : 1;

function title(text: string): void {
  console.log(`\n── ${text}`);
}

async function step(text: string, call: Step): Promise<StepResult> {
  title(text);
  const result = await runner.run(call, (chunk) => process.stdout.write(chunk));
  console.log(
    `  Exit code of the hook: ${result.exitCode}, after ${(result.durationMs / 1000).toFixed(1)} s`,
  );
  return result;
}
