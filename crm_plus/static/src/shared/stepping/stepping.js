import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { KanbanRecord } from "@web/views/kanban/kanban_record";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

/** What a row may stand for, the first that is set. */
const TARGETS = ["lead_id", "partner_id"];

/**
 * The ids of what rows of a list stand for, each once, in the order of the list.
 *
 * @param {{ fields: Object, data: Object }[]} rows
 * @param {string} resModel rows that stand for a record of another model are left out
 * @returns {number[]}
 */
export function targetIds(rows, resModel) {
    const ids = rows.map(({ fields, data }) => {
        const name = TARGETS.find((target) => data[target]);
        return name && fields[name].relation === resModel ? data[name].id : false;
    });
    return [...new Set(ids.filter(Boolean))];
}

/**
 * The action service, whose buttons that open the customer or lead of a row open all those of the list with it: the pager
 * of the form steps through them.
 *
 * @param {Object} action the action service
 * @param {() => Object[]} getRows the rows of the list
 */
function withStepping(action, getRows) {
    const doActionButton = async (params, options = {}) => {
        const { resModel, name, resId, context, onClose } = params;
        if (params.type !== "object" || options.newWindow) {
            return action.doActionButton(params, options);
        }
        const opened = await rpc(`/web/dataset/call_button/${resModel}/${name}`, {
            args: [[resId]],
            kwargs: { context },
            method: name,
            model: resModel,
        });
        const resIds = targetIds(getRows(), opened.res_model);
        const props = resIds.includes(opened.res_id) ? { resIds } : {};
        return action.doAction(opened, { props, onClose });
    };
    return Object.assign(Object.create(action), { doActionButton });
}

/** A list of customers, or of rows about them. */
export class SteppingListController extends ListController {
    setup() {
        super.setup();
        this.actionService = withStepping(this.actionService, () => this.model.root.records);
    }
}

class SteppingKanbanRecord extends KanbanRecord {
    setup() {
        super.setup();
        this.action = withStepping(this.action, () => this.props.record.model.root.records);
    }
}

class SteppingKanbanRenderer extends KanbanRenderer {
    static components = { ...KanbanRenderer.components, KanbanRecord: SteppingKanbanRecord };
}

registry.category("views").add("crm_stepping_list", { ...listView, Controller: SteppingListController });
registry.category("views").add("crm_stepping_kanban", { ...kanbanView, Renderer: SteppingKanbanRenderer });
