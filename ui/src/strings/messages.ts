/** The forms of a text that counts, by the plural rules of its language. English has `one` and `other`. */
export type Forms = Readonly<{ [Rule in Exclude<Intl.LDMLPluralRule, "other">]?: string } & { other: string }>;

/** One text, or the forms of one that counts. `{name}` is filled in; `{count}` chooses the form. */
export type Message = string | Forms;

/** A part of the catalog. Keys are `area.what`. */
export type Messages = Readonly<Record<string, Message>>;

type NamesIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;

/** The names a message fills in. */
export type NamesOf<Entry extends Message> = Entry extends string
  ? NamesIn<Entry>
  : Entry extends { readonly other: infer Other extends string }
    ? NamesIn<Other> | "count"
    : never;
