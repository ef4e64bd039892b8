import { Component } from "@odoo/owl";

import { dayText } from "@crm_plus/shared/calendar_day/calendar_day";
import { coursePoints } from "@crm_plus/score/course_chart/course_points";
import { GradeBadge } from "@crm_plus/score/grade_badge/grade_badge";
import { numberText } from "@crm_plus/shared/texts";
import { today } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";

/** The course of a lead's score, as a line and, on demand, as numbers. */
export class CourseChart extends Component {
    static template = "crm_plus.CourseChart";
    static components = { GradeBadge };
    static props = {
        rows: {
            type: Array,
            element: {
                type: Object,
                shape: { date: String, score: Number, grade: [String, Boolean], chance: [Number, Boolean] },
            },
        },
    };

    get chart() {
        return coursePoints(this.props.rows, today());
    }

    get label() {
        const { rows } = this.props;
        return _t("Score from %(first)s on %(day)s to %(last)s now", {
            first: this.number(rows[0].score),
            day: this.day(rows[0]),
            last: this.number(rows.at(-1).score),
        });
    }

    get newestFirst() {
        return this.props.rows.toReversed();
    }

    day(row) {
        return dayText(row.date);
    }

    number(value) {
        return numberText(value);
    }
}
