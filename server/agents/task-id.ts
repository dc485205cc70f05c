import { monotonicFactory } from "ulid";

/** A ULID for a task; those of one plan sort in their order, also where they are made in the same millisecond. */
export const newTaskId: () => string = monotonicFactory();
