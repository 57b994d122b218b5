/** True when images of the public registries can be pulled: any answer of both will do, a refusal to talk will not. */
export async function canPullImages(): Promise<boolean> {
  const answers = await Promise.all(
    ["https://registry-1.docker.io/v2/", "https://ghcr.io/v2/"].map(answers200or401),
  );
  return answers.every(Boolean);
}

async function answers200or401(url: string): Promise<boolean> {
  try {
    const { status } = await fetch(url, { signal: AbortSignal.timeout(4_000), redirect: "manual" });
    return status === 200 || status === 401;
  } catch {
    return false;
  }
}
