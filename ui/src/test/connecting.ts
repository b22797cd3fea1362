import { screen } from "@solidjs/testing-library";
import { fakeFirstStart, fakeStepCount, fakeTest, fakeTestAt, fakeTestFailed, type FakeBackend } from "../backend/fake";
import { openWindow, settle } from "./window";

/** A key, for what is typed into a field. */
export const secret = "sk-ant-0123456789abcdef-secret";
export const key = () => screen.getByTestId<HTMLInputElement>("key-input");
export const option = (id: string) => screen.getByTestId(`provider-option-${id}`);
export const options = () => screen.getAllByRole("radio");
export const forward = () => screen.getByTestId<HTMLButtonElement>("setup-continue");
export const connect = () => screen.getByTestId<HTMLButtonElement>("connect-and-test");

/** A test of the first provider: before its first step, passed, and failed at the key. */
export const anthropic = fakeTest("anthropic", "anthropic/model-0");
export const passed = fakeTestAt(anthropic, fakeStepCount, 0);
export const failed = fakeTestFailed(anthropic, 3);

/** The page that sets up, on the first day. */
export async function openSetup(before: (backend: FakeBackend) => void = () => undefined, start = fakeFirstStart()) {
  const opened = await openWindow({ start });
  before(opened.backend);
  opened.app.go({ page: "setup" });
  await settle();
  return opened;
}

/** The same with the first provider connected and its test begun. */
export async function openConnected(before?: (backend: FakeBackend) => void) {
  const opened = await openSetup(before);
  await opened.user.type(key(), `${secret}{Enter}`);
  await settle();
  return opened;
}

/** What must be there for a test to make sense. */
export function present<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined) throw new Error("it is not there");
  return value;
}
