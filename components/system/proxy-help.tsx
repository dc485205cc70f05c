"use client";
import { useState } from "react";
import {
	type ConfigLine,
	type ProxyId,
	proxiedOrigin,
	proxyConfigsFor,
	type Repair,
	repairNames,
	type Site,
	textOf,
} from "#lib/live/doctor/proxy-configs.ts";
import { CopyButton } from "../deployments/copy-button.tsx";
import { cn } from "../ui/cn.ts";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "../ui/tabs.tsx";

interface ProxyHelpProps {
	site: Site;
	/** What was found wrong; the lines that repair it are marked. */
	repairs: readonly Repair[];
	/** Headers of the answers, which may name the proxy. */
	headers: Readonly<Record<string, string>>;
}

/** The settings of the common proxies for this very site. */
export function ProxyHelp({ site, repairs, headers }: ProxyHelpProps) {
	const named = proxyNamedBy(headers);
	const [chosen, setChosen] = useState<ProxyId | null>(null);
	const configs = proxyConfigsFor(site);
	const origin = proxiedOrigin(site);
	const address = origin === site.origin ? "this address" : origin;
	return (
		<section aria-labelledby="proxy" className="grid min-w-0 grid-cols-1 gap-3">
			<div className="max-w-2xl">
				<h2 id="proxy" tabIndex={-1} className="scroll-mt-4 font-semibold">
					Settings of a proxy in front of Quayside
				</h2>
				<p className="mt-1 text-muted-foreground text-sm">
					{repairs.length === 0
						? `These carry everything, for ${address}.`
						: `These carry everything, for ${address}. The marked lines are what was found missing: with them the proxy ${repairs.map((repair) => repairNames[repair]).join(" and ")}.`}{" "}
					Quayside itself needs <code>QUAYSIDE_PUBLIC_URL={origin}</code> and <code>QUAYSIDE_TRUSTED_PROXIES=127.0.0.1</code>.
				</p>
			</div>
			<Tabs value={chosen ?? named ?? "nginx"} onValueChange={(value) => setChosen(value as ProxyId)} className="min-w-0">
				<TabsList aria-label="Proxy">
					{configs.map(({ id, name }) => (
						<TabsTrigger key={id} value={id}>
							{name}
						</TabsTrigger>
					))}
				</TabsList>
				{configs.map(({ id, name, note, lines }) => (
					<TabsContent key={id} value={id} className="grid min-w-0 grid-cols-1 gap-3 pt-3">
						<div className="flex flex-wrap items-center justify-between gap-2">
							<p className="max-w-2xl text-sm">
								{id === named && "The answers name it. "}
								{note}
							</p>
							<CopyButton text={textOf({ lines })}>Copy the settings</CopyButton>
						</div>
						<Code name={name} lines={lines} repairs={repairs} />
					</TabsContent>
				))}
			</Tabs>
		</section>
	);
}

function Code({ name, lines, repairs }: { name: string; lines: readonly ConfigLine[]; repairs: readonly Repair[] }) {
	return (
		<section
			aria-label={`Settings of ${name}`}
			className="overflow-x-auto rounded-lg border border-border bg-log py-3 text-log-foreground"
			{...focusable}
		>
			<pre className="w-max min-w-full font-mono text-xs leading-5 [tab-size:2]">
				{lines.map(({ text, repairs: repair }, index) => {
					const marked = repair !== undefined && repairs.includes(repair);
					return (
						// biome-ignore lint/suspicious/noArrayIndexKey: the lines of one text never change their places
						<span key={index} data-repairs={marked ? repair : undefined} className={cn("block pr-4 pl-2", marked && "bg-log-selected")}>
							<span aria-hidden="true" className="inline-block w-4 select-none">
								{marked ? "▸" : ""}
							</span>
							{text}
							{"\n"}
						</span>
					);
				})}
			</pre>
		</section>
	);
}

/** What scrolls sideways must be reachable by keyboard. */
const focusable = { tabIndex: 0 };

/** The proxy that gave its name in an answer; null where none did. */
function proxyNamedBy({ server = "", via = "", "cf-ray": ray }: Readonly<Record<string, string>>): ProxyId | null {
	if (ray || /cloudflare/i.test(server)) return "cloudflare";
	if (/nginx|openresty/i.test(server)) return "nginx";
	if (/apache/i.test(server)) return "apache";
	if (/caddy/i.test(`${server} ${via}`)) return "caddy";
	return null;
}
