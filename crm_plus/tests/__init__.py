from . import test_interaction_log, test_interaction_views, test_score_fields, test_segment_standard, test_timeline_ui
