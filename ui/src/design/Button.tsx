import { splitProps, type JSX } from "solid-js";

type Kind = "primary" | "quiet" | "danger" | "danger-solid";

/** A labelled button. `primary` at most once in a view. */
export function Button(props: { kind?: Kind; small?: boolean } & JSX.ButtonHTMLAttributes<HTMLButtonElement>) {
  const [own, rest] = splitProps(props, ["kind", "small", "class"]);
  return (
    <button
      type="button"
      {...rest}
      class={`button${own.kind ? ` button--${own.kind}` : ""}${own.small ? " button--small" : ""} ${own.class ?? ""}`}
    />
  );
}
