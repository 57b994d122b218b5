export type {
  ChangesOptions,
  HoldOptions,
  InstallOptions,
  PushCommandOptions,
  ReceiveOptions,
  ServeOptions,
  SessionOptions,
  SuperviseOptions,
  UnpackCommandOptions,
} from "./command-options.ts";
