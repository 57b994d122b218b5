import { PackageCache } from "./package-cache.ts";
import { packageRelay } from "./package-relay.ts";

const [address, folder] = process.argv.slice(2);
if (address === undefined || folder === undefined) throw new Error("Usage: main.ts ADDRESS CACHE_FOLDER");
// The port that every `sources.list` means.
packageRelay(new PackageCache(folder), (error) => console.error(error)).listen(80, address);
