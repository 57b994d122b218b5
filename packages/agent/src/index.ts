export type {
  ChangesOptions,
  HoldOptions,
  InstallOptions,
  PushCommandOptions,
  ReceiveOptions,
  SuperviseOptions,
  UnpackCommandOptions,
} from "./command-options.ts";
