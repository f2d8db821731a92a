"""The dashboard in a real browser, watching 10,000 live nodes."""
