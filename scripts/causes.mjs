/** `npm run causes`: writes docs/causes.md. */
import { writeFile } from "node:fs/promises";
import { causesText } from "./causes-text.ts";

await writeFile(new URL("../docs/causes.md", import.meta.url), await causesText());
