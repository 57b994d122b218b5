import { GROUPS, type Group } from "@slipway/conformance";
import { table } from "./markdown.ts";
import { PROFILES, type Profile, type Report, type ReportBuilder, type Score } from "./report.ts";
import { percentText } from "./score.ts";

/** Groups and profiles by builder, as a Markdown table: percent, and passed of applicable. */
export function matrixTable({ builders, cases }: Report): string {
  const groups = (Object.keys(GROUPS) as Group[]).filter((group) => cases.some((of) => of.group === group));
  const row = (title: string, scoreOf: (builder: ReportBuilder) => Score | undefined): string[] => [
    title,
    ...builders.map((builder) => scoreText(scoreOf(builder))),
  ];
  return table(
    ["group", ...builders.map(({ id, version }) => `${id} ${version}`)],
    [
      ...groups.map((group) => row(group, ({ score }) => score.groups[group])),
      ...(Object.keys(PROFILES) as Profile[]).map((profile) =>
        row(`**${profile}**`, ({ score }) => score.profiles[profile]),
      ),
      row("**all**", ({ score }) => score.all),
    ],
  );
}

/** One line for each builder: what it reached, and in how many cases the worst happens. */
export function builderTable({ builders }: Report): string {
  return table(
    [
      "builder",
      "level",
      "core",
      "extended",
      "known differences",
      "refused before the build",
      "silently ignored",
    ],
    builders.map(({ id, version, level, score }) => [
      `**${id}** ${version}`,
      level.reached,
      scoreText(score.profiles.core),
      scoreText(score.profiles.extended),
      String(score.all.known),
      String(score.all.unsupported),
      String(score.all.silentlyIgnored),
    ]),
  );
}

function scoreText(score: Score | undefined): string {
  if (score === undefined || score.applicable === 0) return "–";
  return `${percentText(score)} (${score.passed} of ${score.applicable})`;
}
