"""Learning: two networks that train each other, the run that they do it in, and what it leaves in its folder."""
