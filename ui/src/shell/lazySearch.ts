import { lazy } from "solid-js";

/** What a search finds; read when the search is first used. */
export const SearchResults = lazy(() => import("./SearchResults").then((part) => ({ default: part.SearchResults })));
