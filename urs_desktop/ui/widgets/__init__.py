"""Small widgets every screen is built of; must never know a presenter or a sale."""
