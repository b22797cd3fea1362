import { mergeProps, splitProps, type JSX } from "solid-js";
import { offButton } from "./offButton";

type Kind = "primary" | "quiet" | "danger" | "danger-solid";

/** A labelled button. `primary` at most once in a view. */
export function Button(props: { kind?: Kind; small?: boolean } & JSX.ButtonHTMLAttributes<HTMLButtonElement>) {
  const [own, rest] = splitProps(props, ["kind", "small", "class", "disabled", "ref"]);
  const attributes = mergeProps(rest, offButton(() => own.disabled === true, own.ref));
  return (
    <button
      type="button"
      {...attributes}
      class={`button${own.kind ? ` button--${own.kind}` : ""}${own.small ? " button--small" : ""} ${own.class ?? ""}`}
    />
  );
}
