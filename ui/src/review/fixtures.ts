import type { Html, ReviewFile, ReviewList, ReviewPage, ReviewRow } from "../backend";

const html = (line: string) => line as Html;

/** A changed file. */
export function fakeFile(path: string, more: Partial<ReviewFile> = {}): ReviewFile {
  return { path, oldPath: null, similarity: null, status: "modified", additions: 1, deletions: 1, binary: false, mode: null, staged: "none", untracked: false, ...more };
}

/** Changed files. */
export function fakeReview(files: ReviewFile[], more: Partial<ReviewList> = {}): ReviewList {
  const sum = (lines: "additions" | "deletions") => files.reduce((all, file) => all + (file[lines] ?? 0), 0);
  return { files, total: files.length, additions: sum("additions"), deletions: sum("deletions"), origin: "history", more: false, git: null, ...more };
}

/** A row. */
export function fakeRow(more: Partial<ReviewRow>): ReviewRow {
  return { kind: "same", old: null, new: null, left: null, right: null, hunk: null, gap: null, count: null, cut: false, noNewline: false, ...more };
}

/** A page of one small change, with unchanged lines above it. */
export function fakePage(more: Partial<ReviewPage> = {}): ReviewPage {
  const rows = [
    fakeRow({ kind: "gap", gap: 0, count: 40 }),
    fakeRow({ old: 41, new: 41, right: html("before it") }),
    fakeRow({ kind: "changed", old: 42, left: html("<mark>old</mark> words"), hunk: 0 }),
    fakeRow({ kind: "changed", new: 42, right: html("<mark>new</mark> words"), hunk: 0 }),
  ];
  return { body: "whole", rows, pages: 1, total: rows.length, hunks: [{ oldStart: 41, oldLines: 2, newStart: 41, newLines: 2, row: 2, page: 0 }], stamp: "stamp", oldBytes: 900, newBytes: 910, canRevert: true, ...more };
}
