import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";

import { figureText } from "@crm_plus/kpi/overview/overview_texts";
import { coursePaths } from "@crm_plus/kpi/segment_courses/course_paths";
import { dayText } from "@crm_plus/shared/calendar_day/calendar_day";
import { LoadFailed, tried } from "@crm_plus/shared/load_failed/load_failed";
import { isRtl } from "@crm_plus/shared/texts";
import { RecordSelector } from "@web/core/record_selectors/record_selector";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** A segment over time, beside another if one is chosen: size, revenue, average order, repeat rate and churn. */
export class SegmentCourses extends Component {
    static template = "crm_plus.SegmentCourses";
    static components = { LoadFailed, RecordSelector };
    static props = { ...standardWidgetProps };

    isRtl = isRtl();

    setup() {
        this.orm = useService("orm");
        this.answers = new KeepLast();
        this.state = useState({ other: false, data: null, isFailed: false });
        this.load = this.load.bind(this);
        onWillStart(() => {
            this.load(); // the form does not wait for it
        });
        onWillUpdateProps((props) => {
            if (props.record.resId !== this.props.record.resId) {
                this.state.other = false;
                this.load(props);
            }
        });
    }

    async load({ record } = this.props) {
        if (!record.resId) {
            this.state.data = null;
            return;
        }
        const ids = [record.resId, this.state.other].filter(Boolean);
        const call = this.orm.silent.call("crm.kpi.day", "segment_courses", [ids]);
        const { answer, isFailed } = await tried(this.answers.add(call));
        Object.assign(this.state, { data: answer, isFailed });
    }

    compare(id) {
        this.state.other = id === this.props.record.resId ? false : id;
        return this.load();
    }

    get others() {
        return [["id", "!=", this.props.record.resId]];
    }

    get isEmpty() {
        return !this.state.data.courses.some(({ points }) => points.length);
    }

    paths({ points }) {
        return coursePaths(points);
    }

    text(course, value) {
        return figureText(course, value, this.state.data.currency_id);
    }

    last(course, index) {
        return this.text(course, course.points.at(-1)?.values[index] ?? false);
    }

    rows(course) {
        return course.points.map(({ month, values }) => ({
            month: dayText(month),
            cells: values.map((value) => this.text(course, value)),
        }));
    }
}

registry.category("view_widgets").add("crm_segment_courses", { component: SegmentCourses });
