/** One text, or the forms of one that counts. `{name}` is filled in; `{count}` chooses the form. */
export type Message = string | { readonly one: string; readonly other: string };

/** A part of the catalog. Keys are `area.what`. */
export type Messages = Readonly<Record<string, Message>>;

type NamesIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;

/** The names a message fills in. */
export type NamesOf<Entry extends Message> = Entry extends string
  ? NamesIn<Entry>
  : Entry extends { readonly other: infer Other extends string }
    ? NamesIn<Other> | "count"
    : never;
