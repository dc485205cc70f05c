import { slugSchema } from "../../lib/protocol/index.ts";

export interface PreviewHosts {
	/** Previews answer at `<slug>.<previewDomain>`. */
	previewDomain: string;
	/** Host names of the platform itself, where they lie below the preview domain. */
	platformHosts: readonly string[];
}

/** True for every host below the preview domain, whether or not it names a project: none of them is the platform. */
export function isPreviewHost(hostHeader: string | undefined, { previewDomain, platformHosts }: PreviewHosts): boolean {
	const host = hostName(hostHeader);
	return host.endsWith(`.${previewDomain.toLowerCase()}`) && !platformHosts.some((own) => own.toLowerCase() === host);
}

/** The project a preview host names, or null when it names none. */
export function slugOfHost(hostHeader: string | undefined, hosts: PreviewHosts): string | null {
	if (!isPreviewHost(hostHeader, hosts)) return null;
	const slug = hostName(hostHeader).slice(0, -hosts.previewDomain.length - 1);
	return slugSchema.safeParse(slug).success ? slug : null;
}

function hostName(hostHeader: string | undefined): string {
	return (hostHeader ?? "").toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
}
