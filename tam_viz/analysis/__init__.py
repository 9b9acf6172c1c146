"""Arrays, tables and sentences from traces; no torch, no drawing."""
