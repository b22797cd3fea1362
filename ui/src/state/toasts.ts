import { createStore, produce } from "solid-js/store";

/** News that leaves by itself. */
export interface Toast {
  id: number;
  text: string;
  danger: boolean;
}

/** How many stand at once; an older one gives way, because a pile of them is read by nobody. */
const most = 3;

export interface Toasts {
  readonly list: Toast[];
  show(text: string, danger?: boolean): void;
  dismiss(id: number): void;
}

export function createToasts(): Toasts {
  const [list, setList] = createStore<Toast[]>([]);
  let last = 0;
  return {
    list,
    show(text, danger = false) {
      last += 1;
      const toast = { id: last, text, danger };
      setList(
        produce((toasts) => {
          toasts.push(toast);
          if (toasts.length > most) toasts.shift();
        }),
      );
    },
    dismiss(id) {
      setList((toasts) => toasts.filter((toast) => toast.id !== id));
    },
  };
}
