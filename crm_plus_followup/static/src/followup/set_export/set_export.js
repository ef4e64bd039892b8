import { download } from "@web/core/network/download";
import { registry } from "@web/core/registry";

/** Downloads the records that an action names as a workbook, by the host's export and with the rights of the user. */
async function exportSet(_env, { params }) {
    await download({
        url: "/web/export/xlsx",
        data: { data: JSON.stringify({ ...params, import_compat: false, groupby: [], context: params.context || {} }) },
    });
}

registry.category("actions").add("crm_set_export", exportSet);
