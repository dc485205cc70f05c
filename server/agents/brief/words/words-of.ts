import type { Language } from "../spec.ts";
import { german } from "./de.ts";
import { english } from "./en.ts";
import { spanish } from "./es.ts";
import { french } from "./fr.ts";
import type { Words } from "./words.ts";

const known: Readonly<Record<Language, Words>> = { en: english, de: german, fr: french, es: spanish };

export const wordsOf = (language: Language): Words => known[language];
