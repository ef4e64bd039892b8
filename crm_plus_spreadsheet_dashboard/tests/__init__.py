from . import test_dashboard_figures, test_dashboard_files, test_dashboard_functions, test_dashboard_screen
