import { lazy } from "solid-js";

/** Looks for words in a thread; read when that is first asked for. */
export const FindBar = lazy(() => import("./FindBar").then((part) => ({ default: part.FindBar })));

/** What a code block wrote; read when the first one is run. */
export const RunPanel = lazy(() => import("./RunPanel").then((part) => ({ default: part.RunPanel })));

/** What a tool call did; read when the first one is opened. */
export const ToolDetail = lazy(() => import("./ToolDetail").then((part) => ({ default: part.ToolDetail })));

/** Where older messages became a summary; read when the first one is shown. */
export const CompactionMarker = lazy(() => import("./CompactionMarker").then((part) => ({ default: part.CompactionMarker })));

/** That the running turn makes the same call again and again; read when one does. */
export const RepeatedMarker = lazy(() => import("./RepeatedMarker").then((part) => ({ default: part.RepeatedMarker })));

/** Lines of a change; read when the first one is shown. */
export const DiffView = lazy(() => import("./DiffView").then((part) => ({ default: part.DiffView })));

/** What changed, and what a person does about it; read when it is first shown. */
export const ReviewPanel = lazy(() => import("../review/ReviewPanel").then((part) => ({ default: part.ReviewPanel })));

/** What going back takes back; read when that is first asked for. */
export const GoingBackDialog = lazy(() => import("./GoingBackDialog").then((part) => ({ default: part.GoingBackDialog })));
