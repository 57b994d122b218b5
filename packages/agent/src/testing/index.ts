export { loadAgentSource } from "./load-agent-source.ts";
