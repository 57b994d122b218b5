/** The objects that the hook made in one recorded run, as they were sent to the API: what the bare calls make again. */
export interface Recording {
  readonly buildPod?: RecordedObject;
  readonly stepJob: RecordedObject;
  readonly stepSecret: RecordedObject;
}

export interface RecordedObject {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: object;
  };
  readonly spec?: object;
  readonly data?: object;
  readonly type?: string;
}

/** Leaves out what the server added, so that the object can be made again under another name. */
export function asSent(object: RecordedObject): RecordedObject {
  const { name, labels, annotations } = object.metadata;
  const kept = Object.entries(labels ?? {}).filter(([label]) => !/controller-uid|job-name/.test(label));
  return {
    metadata: {
      name,
      labels: Object.fromEntries(kept),
      ...(annotations === undefined ? {} : { annotations }),
    },
    ...(object.spec === undefined ? {} : { spec: withoutServerFields(object.spec) }),
    ...(object.data === undefined ? {} : { data: object.data }),
    ...(object.type === undefined ? {} : { type: object.type }),
  };
}

/** A Job's selector is the server's; a node is the scheduler's choice, each time anew. */
function withoutServerFields(spec: object): object {
  const { nodeName: _node, selector: _selector, ...rest } = spec as { nodeName?: string; selector?: object };
  return JSON.parse(
    JSON.stringify(rest, (key, value: unknown) => (/controller-uid|job-name/.test(key) ? undefined : value)),
  ) as object;
}

/** The same objects under a new name: every mention of the old one goes along. */
export function renamed<T>(value: T, names: ReadonlyMap<string, string>): T {
  let text = JSON.stringify(value);
  for (const [from, to] of names) text = text.replaceAll(from, to);
  return JSON.parse(text) as T;
}
