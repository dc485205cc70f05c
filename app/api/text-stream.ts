/** A body that is read from as slowly as the client takes it. `onCancel` hears when the client has gone. */
export function textStream(chunks: AsyncIterator<string>, onCancel: () => void = () => {}): ReadableStream<Uint8Array> {
	const encoder = new TextEncoder();
	return new ReadableStream<Uint8Array>(
		{
			async pull(controller) {
				const next = await chunks.next();
				if (next.done) controller.close();
				else controller.enqueue(encoder.encode(next.value));
			},
			async cancel() {
				onCancel();
				await chunks.return?.();
			},
		},
		{ highWaterMark: 0 },
	);
}
