import type { CreateHost, HostContext, KitHost } from "./kit-host.ts";
import { plainBuilderHost, startMemoryHost } from "./memory-host.ts";
import type { KitSettings } from "./settings.ts";

/** The place that a host module makes; without one the registry that the settings name, or one in memory. */
export async function startHost(
  createHost: CreateHost | undefined,
  settings: KitSettings,
  context: HostContext,
): Promise<KitHost> {
  if (createHost !== undefined) return createHost(context);
  const { registry, plainHttp, credential, base } = settings;
  if (registry === undefined) return startMemoryHost(base === undefined ? {} : { base });
  return {
    registry: { name: registry, ...(credential === undefined ? {} : { credential }) },
    trust: { plainHttp: plainHttp ? [registry] : [] },
    ...(base === undefined ? {} : { shellBase: base }),
    builderHost: plainBuilderHost,
    close: async () => {},
  };
}
