/** What cannot be seen, or changes how what is around it is seen: of no width, of another direction, breaking or controlling. */
const hidden = /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Zl}\p{Zp}\uFFF9-\uFFFB]/gu;

/** A file's name as it is shown where a person goes by it: a folder may hold names that look like others. */
export const visiblePath = (path: string): string => path.replace(hidden, "\uFFFD");
