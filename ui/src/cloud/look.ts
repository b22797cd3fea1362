import { createContext, createSignal, useContext } from "solid-js";
import type { Settings } from "../backend";
import { keepSettings, keptSettings } from "./kept";

/** How the pages around the workspace look; the workspace has the same settings as its own. */
export function createLook() {
  const [settings, setSettings] = createSignal<Settings>(keptSettings());
  return {
    settings,
    set(change: Partial<Settings>): void {
      const next = { ...keptSettings(), ...change };
      keepSettings(next);
      setSettings(next);
    },
    /** What the workspace saved meanwhile. */
    readAgain: () => void setSettings(keptSettings()),
  };
}

export type Look = ReturnType<typeof createLook>;

const LookContext = createContext<Look>();
export const LookProvider = LookContext.Provider;

export function useLook(): Look {
  const look = useContext(LookContext);
  if (!look) throw new Error("useLook needs a LookProvider above it");
  return look;
}
