/** Id of the field a new deployment begins in; `/#` and this is a link to it. */
export const composerField = "composer-url";
