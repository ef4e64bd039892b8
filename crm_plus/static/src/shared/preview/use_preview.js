import { useState } from "@odoo/owl";

import { failure } from "@crm_plus/shared/load_failed/load_failed";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";

/**
 * What a form would change if it were saved as it is typed now: asked for by a button, never written. The answer is
 * dropped as soon as something else is typed, saved or shown.
 *
 * @param {() => Object} getRecord the record of the form
 * @param {(orm: Object, record: Object, changes: Object) => Promise<Object>} ask what the server would change
 * @returns {{ status: "idle"|"loading"|"ready"|"failed", result: Object|false, problem: string, show: Function }}
 *     `problem` is what the server says is wrong with the values, as when they are saved; empty when it was not reached
 */
export function usePreview(getRecord, ask) {
    const orm = useService("orm");
    const answers = new KeepLast();
    const state = useState({ status: "idle", result: false, problem: "", show });
    let asked;
    useRecordObserver((record) => {
        if (valuesOf(record) !== asked && state.status !== "loading") {
            state.status = "idle";
        }
    });

    async function show() {
        const record = getRecord();
        state.status = "loading";
        try {
            const changes = await record.getChanges();
            asked = valuesOf(record);
            state.result = await answers.add(ask(orm.silent, record, changes));
            state.status = valuesOf(getRecord()) === asked ? "ready" : "idle";
        } catch (error) {
            failure(error);
            state.problem = error.data?.message ?? "";
            state.status = "failed";
        }
    }
    return state;
}

/** All that the form shows of a record, its lines included, as one text. */
function valuesOf({ resId, data }) {
    const values = Object.values(data).map((value) => (value?.records ? value.records.map(valuesOf) : value));
    return JSON.stringify([resId, values]);
}
