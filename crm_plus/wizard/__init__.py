from . import (
    base_partner_merge_automatic_wizard,
    crm_interaction_log,
    crm_score_capacity,
    crm_score_training,
    crm_segment_by_hand,
)
