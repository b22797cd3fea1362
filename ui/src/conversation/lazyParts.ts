import { lazy } from "solid-js";

/** What a code block wrote; read when the first one is run. */
export const RunPanel = lazy(() => import("./RunPanel").then((part) => ({ default: part.RunPanel })));
