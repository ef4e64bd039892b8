from . import test_timeline_ui
