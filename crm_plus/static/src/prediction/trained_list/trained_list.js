import { onWillUnmount } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

/** What the server sends to managers when a training is done. */
export const TRAINED = "crm_plus.trained";

/** A list of versions, which shows new ones as soon as they are there. */
export class TrainedListController extends ListController {
    setup() {
        super.setup();
        const bus = useService("bus_service");
        const reload = () => this.model.load();
        bus.subscribe(TRAINED, reload);
        onWillUnmount(() => bus.unsubscribe(TRAINED, reload));
    }
}

export const trainedListView = { ...listView, Controller: TrainedListController };

registry.category("views").add("crm_trained_list", trainedListView);
