import { movesText } from "@crm_plus/loyalty/move_preview/moves_text";
import { useAsk } from "@crm_plus/shared/asking_form/asking_form";
import { failure } from "@crm_plus/shared/load_failed/load_failed";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formView } from "@web/views/form/form_view";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";

/**
 * Whether these changes of a record may move customers: those of a draft do not. The server says which fields decide.
 *
 * @param {{ fields: Object, data: { state?: string } }} record
 * @param {Object} changes
 * @returns {boolean}
 */
export function decides({ fields, data }, changes) {
    return data.state !== "draft" && Object.keys(changes).some((name) => fields[name]?.decides);
}

/**
 * A function that asks before customers are moved: it resolves to false when whoever is asked thinks better of it.
 *
 * @returns {(label: string, preview: () => Promise<Object>) => Promise<boolean>} `preview` as of the server
 */
export function useQuestion() {
    const ask = useAsk();
    return async (label, preview) => {
        let found;
        try {
            found = await preview();
        } catch (error) {
            failure(error); // what is wrong with the values is said when they are saved
            return true;
        }
        if (!found.moves?.length) {
            return true;
        }
        return ask({ title: _t("What would it change?"), body: movesText(found), confirmLabel: label });
    };
}

/** A form of a tier, a segment or a segment group that shows whom a save moves, and asks. */
export class AskedFormController extends formView.Controller {
    setup() {
        super.setup();
        this.askFirst = useQuestion();
    }

    preview(record, changes) {
        const ids = record.resId ? [record.resId] : [];
        return this.orm.call(record.resModel, "preview_changes", [ids, changes], { context: record.context });
    }

    async onWillSaveRecord(record, changes) {
        if ((await super.onWillSaveRecord(record, changes)) === false) {
            return false;
        }
        return !decides(record, changes) || this.askFirst(_t("Save"), () => this.preview(record, changes));
    }

    getStaticActionMenuItems() {
        const items = super.getStaticActionMenuItems();
        const archive = items.archive.callback;
        items.archive.callback = async () => {
            const record = this.model.root;
            let isAsked = false;
            const isWanted =
                !decides(record, { active: false }) ||
                (await this.askFirst(_t("Archive"), async () => {
                    const found = await this.preview(record, { active: false });
                    isAsked = Boolean(found.moves?.length);
                    return found;
                }));
            if (isAsked) {
                return isWanted && record.archive();
            }
            return archive();
        };
        return items;
    }
}

/** A list of tiers or segments that shows whom another order moves, and asks. */
export class AskedListRenderer extends ListRenderer {
    setup() {
        super.setup();
        this.askFirst = useQuestion();
    }

    async sortDrop(dataRowId, dataGroupId, params) {
        const { list } = this.props;
        const records = list.records;
        const moved = records.find((record) => record.id === dataRowId);
        const others = records.filter((record) => record !== moved);
        const place = params.previous ? others.findIndex(({ id }) => id === params.previous.dataset.id) + 1 : 0;
        const ids = others.toSpliced(place, 0, moved).map(({ resId }) => resId);
        const isWanted = await this.askFirst(_t("Save"), () =>
            this.orm.call(list.resModel, "preview_order", [[moved.resId], ids])
        );
        if (!isWanted) {
            params.element.classList.add("o_row_draggable");
            this.render();
            return;
        }
        return super.sortDrop(dataRowId, dataGroupId, params);
    }
}

registry.category("views").add("crm_asked_form", { ...formView, Controller: AskedFormController });
registry.category("views").add("crm_asked_list", { ...listView, Renderer: AskedListRenderer });
