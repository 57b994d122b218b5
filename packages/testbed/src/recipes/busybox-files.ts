import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { place, placeText } from "../image-folder.ts";
import { runCommand } from "../run-command.ts";

/** Busybox from a folder with a Debian `root.tar` that has it, its programs as links, and the files that every image has. */
export async function fillBusybox(root: string, busybox: string): Promise<void> {
  const rename = "--transform=s,.*/busybox,busybox,";
  const tar = join(busybox, "root.tar");
  await runCommand(["tar", "-C", root, "-xf", tar, "--wildcards", rename, "*bin/busybox"]);
  await place(join(root, "busybox"), root, "bin/busybox");
  await runCommand(["rm", join(root, "busybox")]);
  const applets = (await runCommand([join(root, "bin/busybox"), "--list"])).trim().split("\n");
  for (const applet of applets.filter((name) => name !== "busybox"))
    await symlink("busybox", join(root, "bin", applet));
  await placeText(
    "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n",
    root,
    "etc/passwd",
  );
  await placeText("root:x:0:\nnobody:x:65534:\n", root, "etc/group");
  await runCommand(["mkdir", "-p", "-m", "1777", join(root, "tmp"), join(root, "var/tmp")]);
  await runCommand(["mkdir", "-p", join(root, "root"), join(root, "home"), join(root, "usr")]);
}
