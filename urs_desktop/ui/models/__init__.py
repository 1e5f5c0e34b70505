"""Table models fed with rows of text; must never sort, search or decide: rows arrive ready."""
