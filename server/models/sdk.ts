import type { LanguageModelMiddleware } from "ai";

/** The SDK's own words for a model, which it exports only through its middleware. */

type WrapStream = NonNullable<LanguageModelMiddleware["wrapStream"]>;
export type LanguageModel = Parameters<WrapStream>[0]["model"];
export type CallOptions = Parameters<WrapStream>[0]["params"];
type StreamResult = Awaited<ReturnType<WrapStream>>;
export type StreamPart = StreamResult["stream"] extends ReadableStream<infer Part> ? Part : never;
export type Usage = Extract<StreamPart, { type: "finish" }>["usage"];
