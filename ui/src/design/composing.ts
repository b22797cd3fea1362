/** Whether a press belongs to an input method that composes: Enter then ends the composition and sends nothing. 229 is what WebKit gives for the last press of one. */
export const isComposing = (press: KeyboardEvent): boolean => press.isComposing || press.keyCode === 229;
