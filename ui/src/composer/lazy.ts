import { lazy } from "solid-js";

/** What can be named or run where the caret stands; read when the first `@` or `/` is typed. */
export const Suggestions = lazy(() => import("./Suggestions").then((part) => ({ default: part.Suggestions })));

/** Attached files; read when there is one. */
export const FileChips = lazy(() => import("./FileChips").then((part) => ({ default: part.FileChips })));

/** What waits for the turn to end; read when something does. */
export const Queue = lazy(() => import("./Queue").then((part) => ({ default: part.Queue })));

/** What fills the context; read when that is first asked for. */
export const ContextDetails = lazy(() => import("./ContextDetails").then((part) => ({ default: part.ContextDetails })));

/** A command that has to be read first; read when the first one is. */
export const TrustDialog = lazy(() => import("./TrustDialog").then((part) => ({ default: part.TrustDialog })));

/** Says that the context is nearly full. */
export const NearlyFull = lazy(() => import("./ContextDetails").then((part) => ({ default: part.NearlyFull })));
