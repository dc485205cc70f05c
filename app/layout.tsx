import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { keepEarlyInput } from "#components/shell/early-input.ts";
import { PageAlive } from "#components/shell/late.tsx";
import { Providers } from "#components/shell/providers.tsx";
import "./globals.css";

export const metadata: Metadata = {
	title: { default: "Quayside", template: "%s – Quayside" },
	description: "Submit a repository, watch five agents plan, build, test and deploy it.",
	robots: { index: false, follow: false },
};

export const viewport: Viewport = {
	themeColor: [
		{ media: "(prefers-color-scheme: light)", color: "#f8f6f0" },
		{ media: "(prefers-color-scheme: dark)", color: "#0d1724" },
	],
};

/** Reading the headers also makes every page dynamic: a page that was built ahead could not carry a nonce. */
export default async function RootLayout({ children }: { children: ReactNode }) {
	const policy = (await headers()).get("content-security-policy") ?? "";
	const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
	return (
		<html lang="en" data-late="" suppressHydrationWarning>
			<body className="font-sans antialiased">
				{/* biome-ignore lint/security/noDangerouslySetInnerHtml: a function of ours as text, with nothing of anybody in it */}
				<script nonce={nonce} suppressHydrationWarning dangerouslySetInnerHTML={{ __html: `(${keepEarlyInput.toString()})()` }} />
				<PageAlive />
				<Providers nonce={nonce} renderedAtMs={Date.now()}>
					{children}
				</Providers>
			</body>
		</html>
	);
}
