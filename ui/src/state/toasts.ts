import { createStore, produce } from "solid-js/store";

/** News that leaves by itself. */
export interface Toast {
  id: number;
  text: string;
  danger: boolean;
  /** What can be done about it, while it stands. */
  action?: ToastAction;
}

export interface ToastAction {
  label: string;
  run(): void;
}

/** How many stand at once; an older one gives way, because a pile of them is read by nobody. */
const most = 3;

export interface Toasts {
  readonly list: Toast[];
  show(text: string, danger?: boolean, action?: ToastAction): void;
  dismiss(id: number): void;
}

export function createToasts(): Toasts {
  const [list, setList] = createStore<Toast[]>([]);
  let last = 0;
  return {
    list,
    show(text, danger = false, action) {
      last += 1;
      const toast: Toast = { id: last, text, danger, ...(action && { action }) };
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
