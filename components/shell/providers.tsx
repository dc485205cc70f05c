"use client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { ThemeProvider } from "next-themes";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { type ReactNode, useState } from "react";
import { Announcer } from "./announcer.tsx";
import { ClockProvider } from "./clock.tsx";

interface ProvidersProps {
	nonce: string | undefined;
	renderedAtMs: number;
	children: ReactNode;
}

export function Providers({ nonce, renderedAtMs, children }: ProvidersProps) {
	const [queries] = useState(
		() => new QueryClient({ defaultOptions: { queries: { staleTime: 5_000, retry: 2 }, mutations: { retry: false } } }),
	);
	return (
		<ThemeProvider attribute="class" defaultTheme="system" enableSystem disableTransitionOnChange nonce={nonce}>
			<QueryClientProvider client={queries}>
				<NuqsAdapter>
					<ClockProvider renderedAtMs={renderedAtMs}>
						<Announcer>{children}</Announcer>
					</ClockProvider>
				</NuqsAdapter>
			</QueryClientProvider>
		</ThemeProvider>
	);
}
