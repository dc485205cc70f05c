export * from "./activity.ts";
export * from "./api.ts";
export * from "./enums.ts";
export * from "./event.ts";
export * from "./frame.ts";
export * from "./git-url.ts";
export * from "./plan.ts";
export * from "./work.ts";
