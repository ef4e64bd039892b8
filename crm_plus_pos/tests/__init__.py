from . import test_pos_revenue
