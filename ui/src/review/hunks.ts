import type { HunkPlace, ReviewPage } from "../backend";

/** What is changed in a file, without what is opened around it. */
export const shapeOf = (known: ReviewPage | undefined) => JSON.stringify((known?.hunks ?? []).map(({ oldStart, oldLines, newLines }) => [oldStart, oldLines, newLines]));

/** Whether it is the same change. What the file was stays; what it is now may have moved. */
export const isSame = (place: HunkPlace, other: HunkPlace) => place.oldStart === other.oldStart && place.oldLines === other.oldLines && place.newLines === other.newLines;
