import type { Messages } from "../../messages";

/** Texts of the last step of setting up. */
export const setup = {
  "first.prompt": "Sagen, was zu tun ist",
  "first.promptBody": "In eigenen Worten; was zählt, wird gezeigt und erlaubt",
  "first.promptMore": "Das Ergebnis beschreiben, nicht die Schritte. Nichts läuft, bevor es gesendet ist.",
  "first.placeholder": "Das Ergebnis beschreiben",
  "first.label": "Erste Eingabe",
  "first.ideas": "Mit einem davon beginnen",
  "first.idea.map": "Erklären, was in diesem Ordner ist",
  "first.idea.mapText": "Sieh diesen Ordner durch und erkläre, was darin ist, wozu es dient und wo man anfängt.",
  "first.idea.plan": "Eine Änderung erst planen",
  "first.idea.planText": "Plane, wie sich … in diesem Ordner machen lässt. Nenne die Dateien, die dafür zu ändern sind, und warum. Ändere noch nichts.",
  "first.idea.check": "Finden, was nicht geht",
  "first.idea.checkText": "Führe die Prüfungen aus, die dieser Ordner hat, und erkläre, was fehlschlägt und wie es zu beheben ist. Ändere noch nichts.",
  "first.begin": "Beginnen",
  "first.beginning": "Beginnt",
  "first.later": "Stattdessen zur Startseite",
  "first.back": "Zurück zum Ordner",
  "first.in": "Gearbeitet wird in {folder}.",
  "first.inThrowAway": "Gearbeitet wird in einem Ordner nur für diese Unterhaltung.",
  "first.waits": "Die Engine startet. Was gesendet wird, geht hinaus, sobald sie bereit ist.",
  "first.stopped": "Die Engine läuft nicht. {reason}",
  "first.failed": "Es wurde nicht gesendet und bleibt hier stehen. {reason}",
} as const satisfies Messages;
