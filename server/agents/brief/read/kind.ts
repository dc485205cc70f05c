import { unicodeTable, unicodeWords } from "../pattern.ts";
import type { Kind } from "../spec.ts";

const strong = unicodeTable<Kind>({
	landing:
		/\blanding[- ]?(?:page|seite)s?\b|\bone-?pager\b|page d['’]atterrissage|página de (?:aterrizaje|inicio)|ランディング|落地页|着陆页|лендинг/iu,
	portfolio:
		/\bportfolios?\b|\bportafolios?\b|\bshow(?:case|ing|s)? (?:off )?my (?:work|photos|projects|art)\b|\bzeigt? meine arbeiten\b|портфолио|ポートフォリオ|作品集/iu,
	docs: /\bdocumentation\b|\bdocs\b|\b(?:user )?(?:manual|handbook)s?\b|\bknowledge base\b|\bwiki\b|\bdokumentation\b|\bhandbuch\b|\bdocumentación\b|\bmanuel\b|文档|ドキュメント|документац/iu,
	blog: /\bblogs?\b|\bblogue\b|\b(?:online )?(?:journal|diary)\b|\btagebuch\b|ブログ|博客|блог|مدونة/iu,
	dashboard:
		/\bdashboards?\b|\badmin panel\b|\banalytics page\b|\bcockpit\b|\btableau de bord\b|\b(?:panel|tablero) de control\b|ダッシュボード|仪表板|дашборд/iu,
	todo: /\bto-?\s?do(?:[- ]?(?:list|app|liste))?s?\b|\btask (?:list|manager|app|tracker)\b|\b(?:shopping|packing) list\b|\bchecklist\b|\baufgaben(?:liste|verwaltung|-app)\b|\beinkaufsliste\b|\bliste de (?:tâches|courses)\b|\blista de (?:tareas|compras)\b|待办/iu,
	api: /\b(?:rest(?:ful)?|json|http|web)[- ]?apis?\b|\bapis?\b|\bbackend\b|\bmicro-?service\b|\bweb service\b|\bschnittstelle\b/iu,
	waitlist:
		/\bwait(?:ing)?[- ]?lists?\b|\bcoming[- ]soon\b|\bpre-?launch\b|\bearly[- ]access\b|\bwarteliste\b|\bliste d['’]attente\b|\blista de espera\b/iu,
});

/** A page of any kind; the most general template answers it. */
const weak = unicodeWords(
	/\b(?:web ?)?sites?\b|\bweb ?pages?\b|\bhome ?pages?\b|\bpages?\b|\b(?:web|internet)(?:seite|auftritt)\b|\bseite\b|\bstartseite\b|\bpágina\b|\bsitio\b|ホームページ|サイト|网站|сайт|موقع/iu,
);

export interface FoundKind {
	kind: Kind;
	/** Others the text speaks of, later. */
	others: Kind[];
}

/** The kind of product that is named first; null when none is. */
export function findKind(text: string): FoundKind | null {
	const found = (Object.entries(strong) as [Kind, RegExp][])
		.map(([kind, pattern]) => ({ kind, at: text.search(pattern) }))
		.filter(({ at }) => at >= 0)
		.sort((a, b) => a.at - b.at);
	const [first, ...rest] = found;
	if (first) return { kind: first.kind, others: rest.map(({ kind }) => kind) };
	return weak.test(text) ? { kind: "landing", others: [] } : null;
}

function unicode({ pattern, what }: { pattern: RegExp; what: string }) {
	return { pattern: unicodeWords(pattern), what };
}

const beyond = [
	{
		pattern:
			/\b(?:ios|android|iphone|ipad|mobile|native|smartphone|handy)[- ]?apps?\b|\bhandy-?app\b|\bapp (?:for|für) (?:ios|android|iphone)\b/iu,
		what: "a mobile app",
	},
	{
		pattern: /\b(?:operating system|betriebssystem|système d['’]exploitation|sistema operativo|kernel|driver)\b/iu,
		what: "an operating system",
	},
	{ pattern: /\b(?:3d |video ?|computer ?|online |multiplayer )?(?:games?|spiele?|jeux?|juegos?)\b/iu, what: "a game" },
	{ pattern: /\b(?:desktop|windows|mac(?:os)?)[- ](?:app|program|software)\b/iu, what: "a desktop program" },
	{
		pattern:
			/\b(?:neural network|machine learning|train (?:an? )?(?:ai|model)|chatbot|chat ?gpt|artificial intelligence|künstliche intelligenz)\b/iu,
		what: "something that learns or talks",
	},
	{
		pattern: /\b(?:time machine|zeitmaschine|perpetual motion|perpetuum mobile|teleport\w*|mind[- ]reading|read minds|gedanken lesen)\b/iu,
		what: "what nobody can make",
	},
	{ pattern: /\b(?:crypto ?currency|blockchain|bitcoin|nft|trading bot)\b/iu, what: "anything with money or a blockchain" },
	{ pattern: /\b(?:video|film|song|music|movie|logo|picture|image|podcast)s?\b/iu, what: "pictures, sound or film" },
	{
		pattern: /\b(?:clone of|like|wie) (?:facebook|amazon|youtube|instagram|netflix|google|uber|airbnb|twitter|tiktok|ebay)\b/iu,
		what: "a platform of that size",
	},
].map(unicode);

/** What a brief asks for that no template is; null when nothing of the kind is said. */
export function findBeyond(text: string): string | null {
	return beyond.find(({ pattern }) => pattern.test(text))?.what ?? null;
}

const parts = [
	{
		pattern:
			/\b(?:payments?|checkout|stripe|paypal|buy online|online (?:shop|store)|shopping cart|bezahl\w*|warenkorb|onlineshop|paiements?|panier|pagos?|carrito)\b/iu,
		what: "payment",
	},
	{
		pattern: /\b(?:log ?in|sign ?in|user accounts?|registration|passwords?|anmeldung|benutzerkonten|connexion|inicio de sesión)\b/iu,
		what: "accounts",
	},
	{ pattern: /\b(?:database|sql|postgres|mysql|mongodb|datenbank|base de (?:données|datos))\b/iu, what: "a database" },
	{ pattern: /\b(?:live chat|chatbot|artificial intelligence|\bai\b|\bki\b)\b/iu, what: "a chat or anything that thinks" },
	{
		pattern: /\b(?:booking system|reservations? system|book (?:a table|appointments?) online|online-?buchung|buchungssystem)\b/iu,
		what: "booking",
	},
].map(unicode);

/** Parts the brief wants that a template has not. */
export function findMissingParts(text: string): string[] {
	return parts.filter(({ pattern }) => pattern.test(text)).map(({ what }) => what);
}
