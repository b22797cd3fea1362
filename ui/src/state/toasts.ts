import { createStore, produce } from "solid-js/store";

/** News that leaves by itself. */
export interface Toast {
  id: number;
  text: string;
  danger: boolean;
  /** What can be done about it. */
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
  /**
   * The newest news that something can be done about, also when it has left: whoever is slow, or looked elsewhere, still
   * can, from the palette. Oldest first, as many as can stand at once.
   */
  readonly offers: Toast[];
  show(text: string, danger?: boolean, action?: ToastAction): void;
  /** Does what one offers, and sends it away. */
  act(id: number): void;
  /** Sends one away for good. */
  dismiss(id: number): void;
  /** One has stood long enough. */
  leave(id: number): void;
}

export function createToasts(): Toasts {
  const [state, setState] = createStore<{ list: Toast[]; offers: Toast[] }>({ list: [], offers: [] });
  let last = 0;
  const add = (toast: Toast) =>
    produce((toasts: Toast[]) => {
      toasts.push(toast);
      if (toasts.length > most) toasts.shift();
    });
  const without = (id: number) => (toasts: Toast[]) => toasts.filter((toast) => toast.id !== id);
  const dismiss = (id: number) => {
    setState("list", without(id));
    setState("offers", without(id));
  };
  return {
    get list() {
      return state.list;
    },
    get offers() {
      return state.offers;
    },
    show(text, danger = false, action) {
      last += 1;
      const toast: Toast = { id: last, text, danger, ...(action && { action }) };
      setState("list", add(toast));
      if (action) setState("offers", add({ ...toast }));
    },
    act(id) {
      const run = [...state.list, ...state.offers].find((toast) => toast.id === id)?.action?.run;
      run?.();
      dismiss(id);
    },
    dismiss,
    leave: (id) => setState("list", without(id)),
  };
}
