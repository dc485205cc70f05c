import type { ReactNode } from "react";
import { formatCount, formatUsd, groupThousands } from "#lib/format.ts";
import type { ModelFigures, ModelFiguresView } from "#lib/protocol/index.ts";
import { Panel } from "../ui/panel.tsx";

/** What language models were asked and what it cost, by model and by the agent that asked. */
export function ModelsTable({ models: { totals, byModel, byAgent } }: { models: ModelFiguresView }) {
	return (
		<Panel
			title="Language models"
			about="Requests that have ended. Those that waited had to wait a second or longer for their turn. Where a provider does not say how many tokens it used, they are estimated."
		>
			{byModel.length === 0 ? (
				<p className="text-muted-foreground text-sm">No model was called in this time.</p>
			) : (
				<div className="grid grid-cols-1 gap-6">
					<Figures
						name="Model"
						rows={[
							...byModel.map(({ model, ...figures }) => ({ name: model, figures })),
							...(byModel.length > 1 ? [{ name: "All", figures: totals }] : []),
						]}
					/>
					<Figures name="Asked by" rows={byAgent.map(({ agent, ...figures }) => ({ name: agent ?? "Tests in the settings", figures }))} />
				</div>
			)}
		</Panel>
	);
}

function Figures({ name, rows }: { name: string; rows: { name: string; figures: ModelFigures }[] }) {
	return (
		<table className="w-full text-sm">
			<thead>
				<tr className="border-border border-b text-left text-muted-foreground">
					<th className="py-1.5 font-normal">{name}</th>
					<th className="py-1.5 text-right font-normal">Calls</th>
					<th className={`py-1.5 ${wide}`}>Tokens in</th>
					<th className={`py-1.5 ${wide}`}>Tokens out</th>
					<th className="py-1.5 pl-3 text-right font-normal">Cost</th>
					<th className={`py-1.5 ${wide}`}>Failed</th>
					<th className={`py-1.5 ${wide}`}>Waited</th>
				</tr>
			</thead>
			<tbody>
				{rows.map(({ name: row, figures }) => (
					<tr key={row} className="border-border border-b align-top tabular-nums last:border-0">
						<th scope="row" className="break-all py-2 text-left font-medium">
							{row}
							<span className="block break-normal font-normal text-muted-foreground text-xs sm:hidden">{inShort(figures)}</span>
						</th>
						<td className="py-2 text-right">
							{groupThousands(figures.calls)}
							{figures.cached > 0 && <Note>{groupThousands(figures.cached)} from kept answers</Note>}
						</td>
						<td className={`py-2 ${wide}`}>{groupThousands(figures.tokens.input)}</td>
						<td className={`py-2 ${wide}`}>{groupThousands(figures.tokens.output)}</td>
						<td className="py-2 pl-3 text-right">
							<Cost figures={figures} />
						</td>
						<td className={`py-2 ${wide}`}>{groupThousands(figures.failed)}</td>
						<td className={`py-2 ${wide}`}>{groupThousands(figures.waited)}</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

/** Columns that a narrow screen has as words under the name. */
const wide = "hidden pl-3 text-right font-normal sm:table-cell";

function inShort({ tokens, failed, waited }: ModelFigures): string {
	const used = `${groupThousands(tokens.input)} tokens in, ${groupThousands(tokens.output)} out`;
	return `${used}, ${groupThousands(failed)} failed, ${groupThousands(waited)} waited`;
}

/** What has no known price is told in tokens: it did not cost nothing. */
function Cost({ figures: { costUsd, unpricedTokens } }: { figures: ModelFigures }) {
	const unpriced = formatCount(unpricedTokens, "token");
	if (costUsd !== null)
		return (
			<>
				{formatUsd(costUsd)}
				{unpricedTokens > 0 && <Note>and {unpriced} without a known price</Note>}
			</>
		);
	if (unpricedTokens === 0) return "–";
	return (
		<>
			{unpriced}
			<Note>price not known</Note>
		</>
	);
}

function Note({ children }: { children: ReactNode }) {
	return <span className="block text-muted-foreground text-xs">{children}</span>;
}
