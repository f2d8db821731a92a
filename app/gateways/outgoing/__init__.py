"""Calls to addresses that people name: resolve once, judge, connect there, follow nothing, end in time.

`targets.find` → `connection.open_to` → `exchange.ask`; each raises CallFailed with one of the codes of CallCode.
"""
