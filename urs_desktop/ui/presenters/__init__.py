"""What each screen shows and does, without Qt: frozen states and the presenters that make them.

Must never import Qt, so that every decision of a screen is tested without one.
"""
