import type { SessionMark } from "../backend";
import { circleAlert, circleCheck, circleDot, circlePause, hand, messageCircleQuestionMark, rotateCw, type IconPath } from "../design/icons";
import type { PlainTextKey } from "../strings";

/** What a session's mark looks like: a shape of its own and a colour, so that neither has to be seen alone. */
export interface MarkLook {
  icon: IconPath | null;
  colour: "" | "is-live" | "is-warn" | "is-success" | "is-danger";
  label: PlainTextKey;
  /** The title stands out, because the person has not dealt with it. */
  unread: boolean;
}

export const marks: Record<SessionMark, MarkLook> = {
  idle: { icon: null, colour: "", label: "mark.idle", unread: false },
  working: { icon: circleDot, colour: "is-live", label: "mark.working", unread: false },
  asksPermission: { icon: hand, colour: "is-warn", label: "mark.asksPermission", unread: true },
  asksQuestion: { icon: messageCircleQuestionMark, colour: "is-warn", label: "mark.asksQuestion", unread: true },
  retrying: { icon: rotateCw, colour: "is-live", label: "mark.retrying", unread: false },
  done: { icon: circleCheck, colour: "is-success", label: "mark.done", unread: true },
  failed: { icon: circleAlert, colour: "is-danger", label: "mark.failed", unread: false },
  interrupted: { icon: circlePause, colour: "", label: "mark.interrupted", unread: false },
};

/** Whether a session waits for the person. */
export const needsPerson = (mark: SessionMark): boolean => mark === "asksPermission" || mark === "asksQuestion";
