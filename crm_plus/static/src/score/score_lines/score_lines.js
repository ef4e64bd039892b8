import { Component, useState } from "@odoo/owl";

import { hundredths, readingOrder, sumOfLines, unlisted } from "@crm_plus/score/score_lines/score_sums";
import { numberText } from "@crm_plus/shared/texts";
import { deserializeDateTime, toLocaleDateString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { formatList } from "@web/core/l10n/utils";

/** One score, fit or engagement: what each rule gives it, and the events behind that. The lines add up to the score. */
export class ScoreLines extends Component {
    static template = "crm_plus.ScoreLines";
    static props = { title: String, lines: Array, part: String, onOpenEvent: Function, onOpenEvents: Function };

    setup() {
        this.state = useState({ open: {} });
    }

    get lines() {
        return readingOrder(this.props.lines).map((line) => ({
            ...line,
            key: `${line.kind},${line.id}`,
            label: this.label(line),
            isLimit: line.kind !== "rule",
            pointsText: this.signed(line.points),
            countText: line.events && this.countText(line),
        }));
    }

    get total() {
        return this.number(sumOfLines(this.props.lines));
    }

    get partText() {
        return _t("Contributes %s to the score", this.number(this.props.part));
    }

    label({ kind, name, points }) {
        if (kind === "clip") {
            return hundredths(points) < 0 ? _t("A score cannot exceed 100") : _t("A score cannot go below 0");
        }
        const known = name || _t("a deleted rule");
        if (kind === "group_cap") {
            return _t("Limit of “%s” together", known);
        }
        return kind === "rule_cap" ? _t("Limit of “%s”", known) : known;
    }

    events(line) {
        return line.events.map((event) => ({
            ...event,
            day: toLocaleDateString(deserializeDateTime(event.date)),
            pointsText: this.signed(event.points),
        }));
    }

    countText({ count, hidden }) {
        if (hidden) {
            return _t("%(count)s events, %(hidden)s hidden", { count, hidden });
        }
        return count === 1 ? _t("1 event") : _t("%s events", count);
    }

    /** What is not listed, in words, with its points. */
    rest(line) {
        const { more, rest } = unlisted(line);
        const texts = [];
        if (more) {
            texts.push(more === 1 ? _t("1 older event") : _t("%s older events", more));
        }
        if (line.hidden) {
            texts.push(
                line.hidden === 1
                    ? _t("1 event on a document you have no access to")
                    : _t("%s events on documents you have no access to", line.hidden)
            );
        }
        return texts.length ? { text: formatList(texts), points: this.signed(rest) } : false;
    }

    /** The link to all events the user may see. */
    openText({ count, hidden }) {
        const seen = count - hidden;
        return seen === 1 ? _t("Open it in the list") : _t("Open all %s in the list", seen);
    }

    toggle(key) {
        this.state.open[key] = !this.state.open[key];
    }

    number(points) {
        return numberText(points, 2);
    }

    signed(points) {
        return `${hundredths(points) > 0 ? "+" : ""}${this.number(points)}`;
    }
}
