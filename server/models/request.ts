import { faultOf, ModelFault } from "./fault.ts";
import { openModel, type ReadyModel } from "./providers.ts";
import type { CallOptions, StreamPart } from "./sdk.ts";
import type { Transport } from "./transport.ts";

/**
 * One request to a model, part by part. It throws a `ModelFault` for whatever keeps it from a proper end: an error in the answer or
 * in the middle of it, an end without a reason, `idleMs` without a byte, `leftMs` in all, an aborted signal. Leaving the loop ends
 * the request.
 */
export async function* request(
	model: ReadyModel,
	options: CallOptions,
	{ transport, signal, leftMs }: { transport: Transport; signal: AbortSignal; leftMs: number },
): AsyncGenerator<StreamPart> {
	const ending = new AbortController();
	const ended = Promise.withResolvers<never>();
	ended.promise.catch(() => undefined);
	const end = (fault: ModelFault): void => {
		ended.reject(fault);
		ending.abort(fault);
	};
	const cancel = (): void => end(new ModelFault("cancelled"));
	signal.addEventListener("abort", cancel, { once: true });
	if (signal.aborted) cancel();
	const watch = watchBytes(model.idleMs, () =>
		end(new ModelFault("model_timeout", { retry: true, detail: `no byte for ${model.idleMs / 1000} s` })),
	);
	const total = setTimeout(
		() => end(new ModelFault("model_timeout", { detail: `not done after ${model.totalMs / 1000} s` })),
		Math.max(leftMs, 0),
	);
	let reader: ReadableStreamDefaultReader<StreamPart> | undefined;
	try {
		const fetch = transport.fetchFor({ allowPrivate: model.allowPrivate, onByte: watch.seen });
		const asking = Promise.resolve(openModel(model, fetch).doStream({ ...options, abortSignal: ending.signal }));
		asking.catch(() => undefined);
		reader = (await Promise.race([asking, ended.promise])).stream.getReader();
		let finished = false;
		for (;;) {
			const reading = reader.read();
			reading.catch(() => undefined);
			const { done, value } = await Promise.race([reading, ended.promise]);
			if (done) break;
			if (value.type === "error") throw faultOf(value.error);
			if (value.type === "finish") {
				refuseBadEnd(value.finishReason.unified);
				finished = true;
			}
			yield value;
		}
		if (!finished) throw new ModelFault("model_interrupted", { retry: true });
	} catch (error) {
		// What an abort breaks elsewhere has one cause, and that is known here.
		throw ending.signal.aborted ? ending.signal.reason : faultOf(error);
	} finally {
		watch.stop();
		clearTimeout(total);
		signal.removeEventListener("abort", cancel);
		ending.abort(new ModelFault("cancelled"));
		reader?.cancel().catch(() => undefined);
	}
}

function refuseBadEnd(reason: string): void {
	if (reason === "content-filter") throw new ModelFault("model_refused");
	if (reason === "length") {
		throw new ModelFault("model_malformed", {
			message: "The answer of the AI service was cut off, because it is longer than this model may write.",
			action: "Choose a model that may write more, or raise its longest answer under Settings, Models.",
		});
	}
	if (reason === "error" || reason === "interrupted") throw new ModelFault("model_interrupted", { retry: true });
}

/** Calls `onSilence` when `seen` was not called for `idleMs`. One timer that is set again when it rings, not with every byte. */
function watchBytes(idleMs: number, onSilence: () => void): { seen: () => void; stop: () => void } {
	let last = performance.now();
	let timer = setTimeout(check, idleMs);
	function check(): void {
		const leftMs = last + idleMs - performance.now();
		if (leftMs > 0) timer = setTimeout(check, Math.ceil(leftMs));
		else onSilence();
	}
	return {
		seen() {
			last = performance.now();
		},
		stop: () => clearTimeout(timer),
	};
}
