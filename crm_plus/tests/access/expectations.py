"""Who may do what: the one table that the tests compare the add-on with. Written by hand, never generated.

Ten users ask (`world.ASKING`): public, portal, clerk (an employee without sales rights), reader and service (employees
with the groups *Reader*, *Service and marketing*), own and all (salespeople
with own, with all documents), manager, foreign (the sales manager of another company, about what is theirs), and system
(*Settings*, no sales rights). Whoever is not named is refused with an error of access. What may be answered at all says
nothing about *which* records: those of other people and companies are always tried as well, and never told.

A new model, public method or field without a line here fails `test_matrix_methods`. Whoever adds one decides who it is
for, in `RIGHTS`, `METHODS` or `FIELDS`. Add-ons beside this one keep such tables in
``tests/access_expectations.py``, with a function ``make_world(world)`` that makes records of their models.
"""

NOBODY = ""
SALES = "own all manager foreign"
READERS = f"reader service {SALES}"
LOGGING = f"service {SALES}"
MANAGERS = "manager foreign"
SETTINGS = "system"
MANAGERS_AND_SETTINGS = f"{MANAGERS} {SETTINGS}"
EVERYBODY_IN_SALES_OR_SETTINGS = f"{SALES} {SETTINGS}"
READERS_OR_SETTINGS = f"{READERS} {SETTINGS}"
EVERYBODY = f"public portal clerk {READERS} {SETTINGS}"

# model: who reads, creates, changes, deletes records of it.
RIGHTS = {
    "crm.customer.cluster": (READERS, NOBODY, MANAGERS, NOBODY),
    "crm.customer.cohort": (READERS, NOBODY, NOBODY, NOBODY),
    "crm.customer.kept": (SETTINGS, NOBODY, NOBODY, NOBODY),
    "crm.customer.profile": (READERS, NOBODY, NOBODY, NOBODY),
    "crm.customer.queue": (SETTINGS, NOBODY, NOBODY, NOBODY),
    "crm.interaction": (READERS, LOGGING, LOGGING, LOGGING),
    "crm.interaction.channel": (READERS_OR_SETTINGS, MANAGERS, MANAGERS, MANAGERS),
    "crm.interaction.log": (LOGGING, LOGGING, LOGGING, LOGGING),
    "crm.interaction.queue": (SETTINGS, NOBODY, NOBODY, NOBODY),
    "crm.interaction.source": (
        READERS_OR_SETTINGS,
        MANAGERS_AND_SETTINGS,
        MANAGERS_AND_SETTINGS,
        MANAGERS_AND_SETTINGS,
    ),
    "crm.interaction.source.variant": (READERS_OR_SETTINGS, SETTINGS, SETTINGS, SETTINGS),
    "crm.job": (MANAGERS_AND_SETTINGS, NOBODY, NOBODY, NOBODY),
    "crm.job.memory": (SETTINGS, NOBODY, NOBODY, NOBODY),
    "crm.kpi.answer": (NOBODY, NOBODY, NOBODY, NOBODY),
    "crm.kpi.day": (MANAGERS, NOBODY, NOBODY, NOBODY),
    "crm.kpi.target": (MANAGERS, MANAGERS, MANAGERS, MANAGERS),
    "crm.lead.landmark": (NOBODY, NOBODY, NOBODY, NOBODY),
    "crm.lead.score": (SALES, NOBODY, NOBODY, NOBODY),
    "crm.lead.score.history": (SALES, NOBODY, NOBODY, NOBODY),
    "crm.lead.score.queue": (MANAGERS, NOBODY, NOBODY, NOBODY),
    "crm.product.affinity": (SALES, NOBODY, NOBODY, NOBODY),
    "crm.purchase.model": (READERS, NOBODY, NOBODY, NOBODY),
    "crm.score.capacity": (MANAGERS, MANAGERS, MANAGERS, MANAGERS),
    "crm.score.feature": (SALES, MANAGERS, MANAGERS, MANAGERS),
    "crm.score.group": (SALES, MANAGERS, MANAGERS, MANAGERS),
    "crm.score.model": (SALES, NOBODY, NOBODY, MANAGERS),
    "crm.score.rule": (SALES, MANAGERS, MANAGERS, MANAGERS),
    "crm.score.training": (MANAGERS, MANAGERS, MANAGERS, MANAGERS),
    "crm.segment": (READERS, MANAGERS, MANAGERS, MANAGERS),
    "crm.segment.by.hand": (MANAGERS, MANAGERS, MANAGERS, MANAGERS),
    "crm.segment.family": (READERS, MANAGERS, MANAGERS, MANAGERS),
    "crm.segment.membership": (READERS, NOBODY, NOBODY, NOBODY),
    "crm.segment.region": (READERS, MANAGERS, MANAGERS, MANAGERS),
    "crm.shipped.record": (SETTINGS, NOBODY, NOBODY, NOBODY),
    "crm.start.step": (MANAGERS, NOBODY, NOBODY, NOBODY),
    "crm.tier": (READERS, MANAGERS, MANAGERS, MANAGERS),
    "crm.tier.override": (READERS, MANAGERS, MANAGERS, MANAGERS),
    "crm.tier.stay": (READERS, NOBODY, NOBODY, NOBODY),
}

# (model, public method) of ours, on our models and on the host's: who gets an answer.
METHODS = {
    ("crm.customer.cluster", "action_open_customers"): READERS,
    ("crm.customer.cohort", "action_open_customers"): READERS,
    ("crm.customer.cohort", "get_retention"): READERS,
    ("crm.customer.profile", "action_open_concentration"): READERS,
    ("crm.customer.profile", "action_open_customer"): READERS,
    ("crm.customer.profile", "get_concentration"): READERS,
    ("crm.customer.profile", "glance"): READERS,
    ("crm.customer.profile", "glance_details"): READERS,
    ("crm.customer.profile", "pareto_curve"): READERS,
    ("crm.customer.profile", "segment_map"): READERS,
    ("crm.interaction", "ingest"): LOGGING,
    ("crm.interaction", "timeline_page"): READERS,
    ("crm.interaction", "timeline_planned"): READERS,
    ("crm.interaction", "timeline_previews"): READERS,
    ("crm.interaction", "timeline_summary"): READERS,
    ("crm.interaction", "timeline_text"): READERS,
    ("crm.interaction.log", "action_log"): LOGGING,
    ("crm.interaction.log", "action_log_and_plan"): LOGGING,
    ("crm.interaction.source", "action_rebuild"): MANAGERS,
    ("crm.interaction.source", "action_reconcile"): MANAGERS,
    # managers get no action from it: the host's record is the administrators'
    ("crm.job", "action_open"): MANAGERS_AND_SETTINGS,
    ("crm.job", "action_run"): MANAGERS_AND_SETTINGS,
    ("crm.kpi.day", "action_open"): READERS,
    ("crm.kpi.day", "overview"): READERS,
    ("crm.kpi.day", "overview_card"): READERS,
    ("crm.kpi.day", "overview_cards"): READERS,
    ("crm.kpi.day", "overview_course"): MANAGERS,
    ("crm.kpi.day", "segment_courses"): MANAGERS,
    # each for themselves; for their team by who may write teams
    ("crm.kpi.day", "set_overview_cards"): READERS,
    ("crm.lead", "action_open_interactions"): SALES,
    ("crm.lead", "action_score_events"): SALES,
    ("crm.lead", "explain_prediction"): SALES,
    ("crm.lead", "explain_score"): SALES,
    ("crm.lead", "score_card"): SALES,
    ("crm.purchase.model", "action_publish"): MANAGERS,
    ("crm.purchase.model", "action_train"): MANAGERS,
    ("crm.score.capacity", "action_use_as_hot"): MANAGERS,
    ("crm.score.feature", "action_find"): MANAGERS,
    ("crm.score.model", "action_check_drift"): MANAGERS,
    ("crm.score.model", "action_publish"): MANAGERS,
    ("crm.score.model", "action_publish_anyway"): MANAGERS,
    ("crm.score.model", "action_restore"): MANAGERS,
    ("crm.score.model", "action_retire"): MANAGERS,
    ("crm.score.model", "action_train"): MANAGERS,
    ("crm.score.rule", "action_activate"): MANAGERS,
    ("crm.score.rule", "action_propose"): MANAGERS,
    ("crm.score.rule", "action_shadow"): MANAGERS,
    ("crm.score.rule", "action_take_over"): MANAGERS,
    ("crm.score.rule", "preview_rule"): MANAGERS,
    ("crm.score.training", "action_train"): MANAGERS,
    ("crm.segment", "action_activate"): MANAGERS,
    ("crm.segment", "action_draft"): MANAGERS,
    ("crm.segment", "action_open_customers"): READERS,
    ("crm.segment", "action_take_over"): MANAGERS,
    ("crm.segment", "preview_changes"): MANAGERS,
    ("crm.segment", "preview_order"): MANAGERS,
    ("crm.segment.by.hand", "action_apply"): MANAGERS,
    ("crm.segment.family", "preview_changes"): MANAGERS,
    ("crm.segment.family", "preview_order"): MANAGERS,
    ("crm.segment.membership", "action_moved"): READERS,
    ("crm.segment.membership", "action_open_customer"): READERS,
    ("crm.segment.membership", "action_retry"): MANAGERS,
    ("crm.segment.membership", "movement"): READERS,
    ("crm.start.step", "load_sample"): SETTINGS,
    ("crm.start.step", "mark_step"): MANAGERS,
    ("crm.start.step", "remove_sample"): SETTINGS,
    ("crm.start.step", "run_step"): MANAGERS,
    ("crm.start.step", "sample_removal"): SETTINGS,
    ("crm.start.step", "start_list"): MANAGERS,
    ("crm.tier", "action_open_customers"): READERS,
    ("crm.tier", "preview_changes"): MANAGERS,
    ("crm.tier", "preview_order"): MANAGERS,
    ("crm.tier.stay", "action_open_customer"): READERS,
    ("crm.tier.stay", "action_retry"): MANAGERS,
    ("res.config.settings", "action_crm_plus_apply"): SETTINGS,
    ("res.config.settings", "action_crm_plus_preview"): SETTINGS,
    ("res.partner", "action_open_interactions"): READERS,
    ("sale.order", "add_suggested_products"): SALES,
    ("sale.order", "get_product_suggestions"): SALES,
}

# The host's own public methods on our models: which right each needs. "nothing" tells no record's content to anyone,
# which is tried; what is not named here is new, and somebody has to look at it.
GENERIC = {
    "read": """
        export_data formatted_read_group formatted_read_grouping_sets get_field_translations name_search read
        read_group read_progress_bar search search_count search_panel_select_multi_range search_panel_select_range
        search_read web_name_search web_read web_read_group web_search_read
        """,
    "create": "create name_create copy load",
    "write": """
        action_archive toggle_active web_override_translations update_field_translations web_resequence web_save
        web_save_multi write
        """,
    "unlink": "unlink",
    "nothing": """
        action_unarchive check_access_rights check_access_rule check_field_access_rights copy_data copy_translations
        default_get fields_get get_base_url get_empty_list_help get_external_id get_formview_action get_formview_id
        get_import_templates get_metadata get_property_definition get_view get_views get_website_meta has_access
        is_transient onchange view_header_get action_reschedule_my_next_nextweek action_reschedule_my_next_today
        action_reschedule_my_next_tomorrow activity_feedback activity_reschedule activity_schedule activity_search
        activity_send_mail activity_unlink mail_allowed_qweb_expressions mail_get_partner_fields message_change_thread
        message_get_followers message_mail_with_source message_new message_notify message_parse message_post
        message_post_with_source message_process message_route message_subscribe message_unsubscribe message_update
        notify_cancel_by_type rating_apply rating_send_request
        """,
}

# Fields we add to the host's models: who reads them, where the host lets them read the record at all.
FIELDS = {
    "account.invoice.report": {READERS: "crm_segment_id crm_tier_id"},
    "account.move": {READERS: "crm_segment_id crm_tier_id"},
    "crm.lead": {
        READERS: "crm_segment_id crm_tier_id",
        SALES: """
            attention_value engagement_score fit_score hot_date interaction_count interaction_count_text
            interaction_ids is_hot lead_grade lead_score score_explanation win_probability
            """,
    },
    "crm.team": {READERS: "crm_plus_cards"},
    # whose figures a digest shows is who gets it: the value is refused to everybody else when it is computed
    "digest.digest": {
        EVERYBODY: """
            kpi_crm_plus_hot_leads kpi_crm_plus_hot_leads_value
            kpi_crm_plus_active_customers kpi_crm_plus_active_customers_value kpi_crm_plus_activities_done
            kpi_crm_plus_activities_done_value kpi_crm_plus_activities_overdue kpi_crm_plus_activities_overdue_value
            kpi_crm_plus_average_order kpi_crm_plus_average_order_value kpi_crm_plus_contacted
            kpi_crm_plus_contacted_value kpi_crm_plus_contacts_in kpi_crm_plus_contacts_in_value
            kpi_crm_plus_contacts_out kpi_crm_plus_contacts_out_value kpi_crm_plus_customer_equity
            kpi_crm_plus_customer_equity_value kpi_crm_plus_customers kpi_crm_plus_customers_value
            kpi_crm_plus_data_quality kpi_crm_plus_data_quality_value kpi_crm_plus_gross_revenue_retention
            kpi_crm_plus_gross_revenue_retention_value kpi_crm_plus_leads kpi_crm_plus_leads_a
            kpi_crm_plus_leads_a_value kpi_crm_plus_leads_b kpi_crm_plus_leads_b_value kpi_crm_plus_leads_c
            kpi_crm_plus_leads_c_value kpi_crm_plus_leads_d kpi_crm_plus_leads_d_value kpi_crm_plus_leads_value
            kpi_crm_plus_lost_customers kpi_crm_plus_lost_customers_value kpi_crm_plus_lost_leads
            kpi_crm_plus_lost_leads_value kpi_crm_plus_margin kpi_crm_plus_margin_rate kpi_crm_plus_margin_rate_value
            kpi_crm_plus_margin_value kpi_crm_plus_new_customers kpi_crm_plus_new_customers_value
            kpi_crm_plus_opt_outs kpi_crm_plus_opt_outs_value kpi_crm_plus_orders kpi_crm_plus_orders_value
            kpi_crm_plus_repeat_rate kpi_crm_plus_repeat_rate_value kpi_crm_plus_response_time
            kpi_crm_plus_response_time_value kpi_crm_plus_retention kpi_crm_plus_retention_value kpi_crm_plus_revenue
            kpi_crm_plus_revenue_at_risk kpi_crm_plus_revenue_at_risk_value kpi_crm_plus_revenue_retention
            kpi_crm_plus_revenue_retention_value kpi_crm_plus_revenue_value kpi_crm_plus_satisfaction
            kpi_crm_plus_satisfaction_value kpi_crm_plus_nps kpi_crm_plus_nps_value kpi_crm_plus_detractors
            kpi_crm_plus_detractors_value kpi_crm_plus_win_rate kpi_crm_plus_win_rate_value
            kpi_crm_plus_won_back_customers kpi_crm_plus_won_back_customers_value kpi_crm_plus_won_leads
            kpi_crm_plus_won_leads_value
            """,
    },
    "mail.message": {SETTINGS: "crm_is_automatic"},
    "res.company": {
        READERS_OR_SETTINGS: """
            crm_plus_amounts crm_plus_frequency_cuts crm_plus_margin crm_plus_minimum_stay crm_plus_monetary_cuts
            crm_plus_population_gap crm_plus_population_spread crm_plus_predicted_until crm_plus_profile_date
            crm_plus_recency_cuts crm_plus_revenue_basis crm_plus_rfm_mode
            crm_plus_tier_months crm_plus_trained_date crm_plus_basis_date crm_plus_clv_months crm_plus_counted_basis
            crm_plus_replayed_date crm_plus_rfm_window crm_plus_value
            """,
        MANAGERS_AND_SETTINGS: "crm_plus_contact_cost crm_plus_rfm_cuts crm_plus_tier_cuts",
        EVERYBODY_IN_SALES_OR_SETTINGS: """
            crm_plus_engagement_cuts crm_plus_fit_cuts crm_plus_fit_weight crm_plus_history_months
            crm_plus_hot_activity_type_id crm_plus_hot_score crm_plus_point_chance crm_plus_score_date
            crm_plus_score_next_id crm_plus_score_version
            """,
        SALES: """
            crm_plus_recompute_from crm_plus_train_requested crm_plus_train_until crm_plus_trained_on
            crm_plus_use_prediction
            """,
    },
    # the settings dialog is the administrators' by the host's own access rights
    "res.config.settings": {
        SETTINGS: """
            crm_plus_amounts crm_plus_backfill_progress crm_plus_backfill_text crm_plus_capture crm_plus_engagement_cuts
            crm_plus_fit_cuts crm_plus_fit_weight crm_plus_frequency_cuts crm_plus_history_months
            crm_plus_hot_activity_type_id crm_plus_hot_score crm_plus_job_text crm_plus_margin crm_plus_minimum_stay
            crm_plus_monetary_cuts crm_plus_profile_date crm_plus_recency_cuts crm_plus_revenue_basis
            crm_plus_rfm_mode crm_plus_score_date crm_plus_sizing_text crm_plus_tier_months crm_plus_trained_date
            crm_plus_contact_cost crm_plus_clv_months crm_plus_few_text crm_plus_has_margin crm_plus_is_change
            crm_plus_moves
            crm_plus_moves_text crm_plus_rfm_window crm_plus_value group_crm_plus_amounts
            """,
        NOBODY: "crm_plus_use_prediction",
    },
    "res.partner": {
        READERS: """
            churn_risk crm_amount_note crm_lifecycle crm_lifecycle_date crm_profile_id crm_segment_id crm_tier_id
            data_quality data_quality_note interaction_count interaction_count_text interaction_ids
            last_interaction_date lifetime_value silence_days
            """,
    },
    # of one's own settings, by the host's rules
    "res.users.settings": {f"clerk {READERS} {SETTINGS}": "crm_plus_cards"},
    "sale.order": {READERS: "churn_risk crm_segment_id crm_tier_id", SALES: "crm_canceled_date"},
    "sale.report": {READERS: "crm_segment_id crm_tier_id"},
}
