"""The networks: layers that go forward and backward on stacked members."""
