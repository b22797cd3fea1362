import { createResource } from "solid-js";
import { toApiError } from "../backend";

/** What a command answers for a page: what came last, whether it is being asked, and why it failed. */
export function createAsked<Value>(ask: () => Promise<Value>) {
  const [answer, { refetch }] = createResource(() =>
    ask().then(
      (value) => ({ value, error: undefined }),
      (thrown: unknown) => ({ value: undefined, error: toApiError(thrown).message }),
    ),
  );
  return {
    value: () => answer.latest?.value,
    error: () => answer.latest?.error,
    loading: () => answer.loading,
    again: () => void refetch(),
  };
}
