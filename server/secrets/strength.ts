const minLength = 32;
const minUnguessable = 20;
const minDistinct = 10;
const guessable =
	/change-?_?me|passw(?:or|0r)d|secret|token|example|placeholder|default|quayside|admin|test|your|insert|here|with|random|value|please|replace|super|long|string|0123456789|1234567890|12345678|abcdefgh|qwertyuiop|qwerty|letmein/gi;

/**
 * Says why a secret that protects the whole instance is too weak, as the end of a sentence ("it …"), or null when it will
 * do. This catches what people leave in place by mistake; it does not measure entropy.
 */
export function weaknessOf(value: string): string | null {
	if (value.length < minLength) return `has ${value.length} characters, but needs at least ${minLength}`;
	if (isRepetition(value)) return "repeats the same few characters";
	const unguessable = value.replace(guessable, "");
	if (unguessable.length < minUnguessable) return "is made of words that people put in place of a real secret";
	const distinct = new Set(unguessable.toLowerCase()).size;
	if (distinct < minDistinct) return `is made of only ${distinct} different characters`;
	return null;
}

/** True when the value is one short piece written again and again: the classic search for a string in its own doubling. */
function isRepetition(value: string): boolean {
	return (value + value).indexOf(value, 1) <= value.length / 2;
}
