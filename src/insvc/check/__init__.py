"""The independent judge: plans and runs against the laws, with counter-examples in words."""
