import type { Metadata } from "next";
import { headers } from "next/headers";
import { notFound } from "next/navigation";
import { cache } from "react";
import { clientAddressOf } from "#app/api/share/client-address.ts";
import { orNotFound } from "#app/principal.ts";
import { SharedScreen } from "#components/replay/shared-screen.tsx";
import { shareTokenSchema } from "#lib/protocol/index.ts";
import { getServices } from "#lib/services.ts";

interface SharePageProps {
	params: Promise<{ token: string }>;
}

const load = cache(async (token: string) => {
	if (!shareTokenSchema.safeParse(token).success) notFound();
	return orNotFound(getServices().shares.open(token, clientAddressOf({ headers: await headers() })));
});

export async function generateMetadata({ params }: SharePageProps): Promise<Metadata> {
	const { state } = await load((await params).token);
	return {
		title: `${state.project.name} #${state.number}`,
		robots: { index: false, follow: false },
		referrer: "no-referrer",
	};
}

/** Open without a login: who has the link sees how this one deployment went, and nothing else. */
export default async function SharePage({ params }: SharePageProps) {
	const { token } = await params;
	return <SharedScreen token={token} shared={await load(token)} />;
}
