"""The screens, as far as they need no window."""
