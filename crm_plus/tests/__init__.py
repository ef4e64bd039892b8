from . import test_interaction_log
from . import test_interaction_views
from . import test_timeline_ui
