"""What the refresh of customer profiles is made of, beside its models."""
