import type { Provider } from "../provider.ts";
import { bunProvider } from "./bun.ts";
import { denoProvider } from "./deno.ts";
import { goProvider } from "./go.ts";
import { javaProvider } from "./java.ts";
import { phpProvider } from "./php.ts";
import { pythonProvider } from "./python.ts";
import { rubyProvider } from "./ruby.ts";
import { rustProvider } from "./rust.ts";
import { hugoProvider, jekyllProvider, mkdocsProvider, zolaProvider } from "./site-generators.ts";

/** Every language but Node's, site generators first: a generator's folder may hold programs in its own language. */
export const languageProviders: readonly Provider[] = [
	mkdocsProvider,
	hugoProvider,
	zolaProvider,
	jekyllProvider,
	pythonProvider,
	goProvider,
	phpProvider,
	rubyProvider,
	rustProvider,
	javaProvider,
	denoProvider,
	bunProvider,
];
