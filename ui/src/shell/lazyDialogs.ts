import { lazy } from "solid-js";

/** What commands of a folder may reach; read when it is first opened. */
export const FolderBoxDialog = lazy(() => import("../settings/FolderBoxDialog").then((dialog) => ({ default: dialog.FolderBoxDialog })));

/** The tags of a thread; read when they are first changed. */
export const TagsDialog = lazy(() => import("./TagsDialog").then((dialog) => ({ default: dialog.TagsDialog })));

/** Asks before a thread is shared; read when the first one is. */
export const ShareDialog = lazy(() => import("../settings/pairing/ShareDialog").then((dialog) => ({ default: dialog.ShareDialog })));

/** What a thread took; read when it is first asked for. */
export const ThreadUsageDialog = lazy(() => import("./ThreadUsageDialog").then((dialog) => ({ default: dialog.ThreadUsageDialog })));

/** All that can be done and gone to, by name; read right after the first picture, so that it opens at once. */
export const Palette = lazy(() => import("../palette/Palette").then((part) => ({ default: part.Palette })));

/** All keys; read when they are first asked for. */
export const ShortcutsDialog = lazy(() => import("../palette/ShortcutsDialog").then((part) => ({ default: part.ShortcutsDialog })));
