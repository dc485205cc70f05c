/** Files in their folders. */
export interface FileTree<T> {
	/** In the order of their names; those with nothing but one folder in them are one with it: `src/pages`. */
	folders: { name: string; tree: FileTree<T> }[];
	files: { name: string; file: T }[];
}

/** Puts files into folders by their paths. Of two with the same path the later one counts. */
export function fileTreeOf<T extends { name: string }>(files: Iterable<T>): FileTree<T> {
	const byPath = new Map([...files].map((file) => [file.name, file]));
	return treeOf([...byPath.values()].map((file) => ({ parts: file.name.split("/"), file })));
}

interface Placed<T> {
	parts: readonly string[];
	file: T;
}

function treeOf<T>(placed: readonly Placed<T>[]): FileTree<T> {
	const here = placed.filter(({ parts }) => parts.length === 1);
	const below = placed.filter(({ parts }) => parts.length > 1);
	const folders = [...Map.groupBy(below, ({ parts }) => parts[0] ?? "")].map(([name, some]) => {
		const tree = treeOf(some.map(({ parts, file }) => ({ parts: parts.slice(1), file })));
		const [only] = tree.folders;
		return only && tree.folders.length === 1 && tree.files.length === 0
			? { name: `${name}/${only.name}`, tree: only.tree }
			: { name, tree };
	});
	const files = here.map(({ parts, file }) => ({ name: parts[0] ?? "", file }));
	return { folders: folders.sort(byName), files: files.sort(byName) };
}

const byName = (one: { name: string }, other: { name: string }): number => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0);

/** The parts of a unified diff of several files, by the path of each file. */
export function diffByFile(diff: string): Map<string, string> {
	const parts = diff.split(/^(?=--- (?:a\/|\/dev\/null))/m).filter((part) => part.startsWith("--- "));
	return new Map(
		parts.map((part) => {
			const [, before = ""] = /^--- (?:a\/)?([^\t\n]+)/.exec(part) ?? [];
			const [, after = ""] = /^\+\+\+ (?:b\/)?([^\t\n]+)/m.exec(part) ?? [];
			return [after === "/dev/null" ? before : after, part];
		}),
	);
}
