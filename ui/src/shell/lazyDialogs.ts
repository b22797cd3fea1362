import { lazy } from "solid-js";

/** What commands of a folder may reach; read when it is first opened. */
export const FolderBoxDialog = lazy(() => import("../settings/FolderBoxDialog").then((dialog) => ({ default: dialog.FolderBoxDialog })));
