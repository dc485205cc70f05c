"use client";
import { useQuery } from "@tanstack/react-query";
import { Command as Palette } from "cmdk";
import { useRouter } from "next/navigation";
import { client } from "../client.ts";
import { deploymentLooks } from "../deployments/words.ts";
import { listKeys } from "../shell/live-lists.tsx";
import { commandGroups } from "./command-store.ts";
import { KeyCaps } from "./key-caps.tsx";
import { Modal } from "./modal.tsx";
import { useAllCommands } from "./use-commands.ts";

const recent = 15;

/** Finds what can be done here, every project and the latest deployments, by a few letters. */
export function CommandPalette({ onClose }: { onClose: () => void }) {
	const router = useRouter();
	const commands = useAllCommands();
	const places = useQuery({ queryKey: listKeys.palette, queryFn: fetchPlaces });

	function choose(run: () => void) {
		onClose();
		// After the dialog has given the focus back, so that a command may take it.
		setTimeout(run);
	}

	return (
		<Modal label="Search and commands" onClose={onClose}>
			<Palette
				label="Search and commands"
				loop
				className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-muted-foreground [&_[cmdk-group-heading]]:text-xs"
			>
				<Palette.Input
					data-autofocus
					placeholder="Go to a project, a deployment, or do something…"
					className="w-full border-border border-b bg-transparent px-4 py-3.5 text-base outline-none placeholder:text-muted-foreground focus-visible:shadow-[inset_0_-2px_0_0_var(--ring)]"
				/>
				<Palette.List className="max-h-[min(24rem,55vh)] overflow-y-auto overscroll-contain p-2">
					<Palette.Empty className="px-2 py-6 text-center text-muted-foreground text-sm">
						{places.isPending ? "Looking…" : "Nothing of that name. Try the name of a project or the number of a deployment."}
					</Palette.Empty>
					{commandGroups.map((group) => {
						const inGroup = commands.filter((command) => command.group === group);
						return inGroup.length === 0 ? null : (
							<Palette.Group key={group} heading={group}>
								{inGroup.map(({ id, title, keys, also, run }) => (
									<Item key={id} value={id} keywords={[title, also ?? ""]} onSelect={() => choose(run)}>
										<span className="truncate">{title}</span>
										{keys && <KeyCaps keys={keys} />}
									</Item>
								))}
							</Palette.Group>
						);
					})}
					{places.isError && (
						<p className="px-2 py-3 text-muted-foreground text-sm">
							Projects and deployments could not be fetched. Close this and try again.
						</p>
					)}
					{places.data && places.data.projects.length > 0 && (
						<Palette.Group heading="Projects">
							{places.data.projects.map(({ slug, name }) => (
								<Item
									key={slug}
									value={`project ${slug}`}
									keywords={[name, "project"]}
									onSelect={() => choose(() => router.push(`/projects/${slug}`))}
								>
									<span className="truncate">{name}</span>
								</Item>
							))}
						</Palette.Group>
					)}
					{places.data && places.data.deployments.length > 0 && (
						<Palette.Group heading="Latest deployments">
							{places.data.deployments.map(({ id, project, number, status }) => (
								<Item
									key={id}
									value={`deployment ${id}`}
									keywords={[`${project.name} #${number}`, deploymentLooks[status].label, "deployment"]}
									onSelect={() => choose(() => router.push(`/deployments/${id}`))}
								>
									<span className="truncate">
										{project.name} <span className="text-muted-foreground">#{number}</span>
									</span>
									<span className="text-muted-foreground text-xs">{deploymentLooks[status].label}</span>
								</Item>
							))}
						</Palette.Group>
					)}
				</Palette.List>
			</Palette>
		</Modal>
	);
}

async function fetchPlaces() {
	const [projects, { deployments }] = await Promise.all([client.projects.list(), client.deployments.list({ limit: recent })]);
	return { projects, deployments };
}

function Item(props: Parameters<typeof Palette.Item>[0]) {
	return (
		<Palette.Item
			{...props}
			className="flex min-h-9 cursor-pointer items-center justify-between gap-4 rounded-md px-2 text-sm data-[selected=true]:bg-sunken pointer-coarse:min-h-11"
		/>
	);
}
