import { Component, onWillStart, onWillUnmount, useState, useSubEnv } from "@odoo/owl";

import { withDays } from "@crm_plus/shared/calendar_day/calendar_day";
import { doneCount, removalText, stepLook } from "@crm_plus/job/start/start_steps";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { getDefaultConfig } from "@web/views/view";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

// How often steps that go on by themselves are looked at.
const AGAIN = 10_000;

/** The first steps of a company with CRM Plus: what is done, and one button for each that is not. */
export class Start extends Component {
    static template = "crm_plus.Start";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        useSubEnv({ config: { ...getDefaultConfig(), ...this.env.config } });
        this.env.config.setDisplayName?.(_t("Start with CRM Plus"));
        this.display = { controlPanel: {} };
        this.look = stepLook;
        this.state = useState({ steps: [], hidden: false, sample: false });
        onWillStart(() => this.load());
        onWillUnmount(() => clearTimeout(this.timer));
    }

    get done() {
        return doneCount(this.state.steps);
    }

    get doneText() {
        return _t("%(done)s of %(all)s steps are done", { done: this.done, all: this.state.steps.length });
    }

    async load(method = "start_list", args = []) {
        clearTimeout(this.timer);
        const orm = method === "start_list" ? this.orm.silent : this.orm;
        Object.assign(this.state, withDays(await orm.call("crm.start.step", method, args)));
        if ([...this.state.steps, this.state.sample].some(({ state }) => state === "running")) {
            this.timer = setTimeout(() => this.load(), AGAIN);
        }
    }

    mark(code, isDone) {
        return this.load("mark_step", [code, isDone]);
    }

    /** Asks first, since it makes hundreds of records. */
    loadSample() {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Load sample company"),
            body: this.state.sample.text,
            confirmLabel: _t("Load sample company"),
            confirm: async () => {
                await this.orm.call("crm.start.step", "load_sample");
                await this.load();
            },
            cancel: () => {},
        });
    }

    /** Asks first, with what goes and what stays. */
    async removeSample() {
        const { going, staying, note } = await this.orm.call("crm.start.step", "sample_removal");
        this.dialog.add(ConfirmationDialog, {
            title: _t("Remove sample company"),
            body: removalText(_t("These records are deleted:"), going, [staying, note]),
            confirmLabel: _t("Remove sample company"),
            confirmClass: "btn-danger",
            confirm: async () => {
                await this.orm.call("crm.start.step", "remove_sample");
                await this.load();
            },
            cancel: () => {},
        });
    }

    openMap() {
        return this.action.doAction("crm_plus.crm_segment_map_action");
    }

    press(step) {
        return step.button.job ? this.load("run_step", [step.code]) : this.action.doAction(step.button.action);
    }
}

registry.category("actions").add("crm_start", Start);
