import type { Backend, Folder } from "../backend";
import { may } from "../backend/abilities";

/**
 * Whether a folder is known not to be there. From afar nobody knows: one that is not offered there is one in which nothing can
 * be begun from there, and the desktop reads it as ever.
 */
export const isGone = (backend: Pick<Backend, "offers">, folder: Folder | undefined): boolean => folder !== undefined && !folder.available && may(backend, "openFolder");
