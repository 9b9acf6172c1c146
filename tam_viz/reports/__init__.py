"""Reports of a scan: panels for the page of failures, and the same as files."""
