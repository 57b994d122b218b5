import type { V1Container, V1PodSpec } from "@kubernetes/client-node";
import { BuildError } from "@slipway/core";
import { mergeContainer } from "./merge-container.ts";
import { EXTENSION_PREFIX, type PodTemplate, type TemplateContainer, type Warn } from "./pod-template.ts";

/** Which containers of a pod a template can extend. */
export interface ExtensibleContainers {
  /** Name of the container that `$job` means. */
  readonly job: string;
  /** Names of the service containers; left out for a pod that never has any, so that naming one is no mistake there. */
  readonly services?: readonly string[];
}

/** Extends the containers that the template means with `$`, and adds those that it brings. */
export function mergeContainers(
  spec: V1PodSpec,
  template: PodTemplate,
  names: ExtensibleContainers,
  warn: Warn,
): V1PodSpec {
  const extensions = template.containers.filter(isExtension);
  const sidecars = template.containers.filter((container) => !isExtension(container));
  const own = initContainersOfOurs(spec, template);
  for (const extension of extensions) warnOfUnknown(extension, spec, names, warn);
  refuseTakenNames(spec, [...sidecars, ...(template.spec.initContainers ?? [])], template);
  const extended = (container: V1Container) => extend(container, extensions, { names, template, warn });
  return {
    ...spec,
    containers: [...spec.containers.map(extended), ...(sidecars as V1Container[])],
    ...(spec.initContainers && {
      initContainers: [...own.map(extended), ...spec.initContainers.slice(own.length)],
    }),
  };
}

/** They come before those of the template. */
function initContainersOfOurs(spec: V1PodSpec, template: PodTemplate): readonly V1Container[] {
  const all = spec.initContainers ?? [];
  return all.slice(0, all.length - (template.spec.initContainers ?? []).length);
}

function isExtension({ name }: TemplateContainer): boolean {
  return name.startsWith(EXTENSION_PREFIX);
}

interface ExtendContext {
  readonly names: ExtensibleContainers;
  readonly template: PodTemplate;
  readonly warn: Warn;
}

function extend(
  container: V1Container,
  extensions: readonly TemplateContainer[],
  { names, template, warn }: ExtendContext,
): V1Container {
  const extension = extensions.find(
    ({ name }) => name === `${EXTENSION_PREFIX}${aliasOf(container.name, names)}`,
  );
  if (extension === undefined) return container;
  const kind = kindOf(container.name, names);
  return mergeContainer(container, extension, { kind, path: template.path, warn });
}

/** The job's container is `$job`, whatever it is called. */
function aliasOf(name: string, { job }: ExtensibleContainers): string {
  return name === job ? "job" : name;
}

function kindOf(name: string, { job, services = [] }: ExtensibleContainers) {
  if (name === job) return "job";
  return services.includes(name) ? "service" : "own";
}

function warnOfUnknown(
  { name }: TemplateContainer,
  spec: V1PodSpec,
  names: ExtensibleContainers,
  warn: Warn,
): void {
  // A template is for the pods of jobs and of steps alike, and the latter have no services.
  if (names.services === undefined) return;
  const here = [...spec.containers, ...(spec.initContainers ?? [])].map(
    (container) => `${EXTENSION_PREFIX}${aliasOf(container.name, names)}`,
  );
  if (here.includes(name)) return;
  warn(`The pod template's container ${name} is not used: this pod has ${here.join(", ")}`);
}

function refuseTakenNames(
  spec: V1PodSpec,
  wanted: readonly { readonly name: string }[],
  template: PodTemplate,
): void {
  const ours = [...spec.containers, ...initContainersOfOurs(spec, template)].map(({ name }) => name);
  const all = [...ours, ...wanted.map(({ name }) => name)];
  const clash = wanted.find(({ name }) => all.indexOf(name) !== all.lastIndexOf(name));
  if (clash === undefined) return;
  throw new BuildError(
    "INVALID_CONFIG",
    `The pod template ${template.path} has a container "${clash.name}", but that name is taken in this pod`,
    {
      remedy: `Write "${EXTENSION_PREFIX}${clash.name}" to extend the container that is there, or give yours another name than ${ours.join(", ")}`,
    },
  );
}
