import { Component, onWillStart, useState } from "@odoo/owl";

import { shareText } from "@crm_plus/shared/texts";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** What orders like this one often have as well: choose and add. */
export class SuggestionsDialog extends Component {
    static template = "crm_plus.SuggestionsDialog";
    static components = { Dialog };
    static props = { orderId: Number, onAdd: Function, close: Function };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ chosen: {} });
        onWillStart(async () => {
            this.suggestions = await this.orm.call("sale.order", "get_product_suggestions", [[this.props.orderId]]);
        });
    }

    get chosenIds() {
        return this.suggestions.map(({ product_id }) => product_id).filter((id) => this.state.chosen[id]);
    }

    reason({ because, confidence }) {
        return _t("%(percent)s of orders with %(product)s also include it", {
            percent: shareText(confidence),
            product: because,
        });
    }

    async add() {
        await this.props.onAdd(this.chosenIds);
        this.props.close();
    }
}

/** The button on a quotation that opens the suggestions. */
export class ProductSuggestions extends Component {
    static template = "crm_plus.ProductSuggestions";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
    }

    async open() {
        const { record } = this.props;
        // The suggestions follow the lines as they are on the screen.
        if (await record.save()) {
            this.dialog.add(SuggestionsDialog, { orderId: record.resId, onAdd: (ids) => this.add(ids) });
        }
    }

    async add(productIds) {
        await this.orm.call("sale.order", "add_suggested_products", [[this.props.record.resId], productIds]);
        await this.props.record.load();
    }
}

registry.category("view_widgets").add("crm_product_suggestions", { component: ProductSuggestions });
