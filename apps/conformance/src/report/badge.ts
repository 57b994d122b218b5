import { makeBadge } from "badge-maker";
import type { LevelName, ReportBuilder } from "./report.ts";
import { percentText } from "./score.ts";

const COLORS: Readonly<Record<LevelName, string>> = {
  gold: "#b8860b",
  silver: "#6b7785",
  bronze: "#9c5a2c",
  none: "#c4314b",
};

/** A badge as a picture. */
export function badgeSvg(builder: ReportBuilder): string {
  return makeBadge(badgeOf(builder));
}

/** The same as an endpoint of shields.io: https://shields.io/badges/endpoint-badge */
export function badgeEndpoint(builder: ReportBuilder): string {
  return `${JSON.stringify({ schemaVersion: 1, ...badgeOf(builder) }, null, 2)}\n`;
}

function badgeOf({ id, level, score }: ReportBuilder) {
  const reached = level.reached === "none" ? "" : `${level.reached}, `;
  return {
    label: `conformance: ${id}`,
    message: `${reached}core ${percentText(score.profiles.core)}`,
    color: COLORS[level.reached],
  };
}
