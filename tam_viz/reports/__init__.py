"""What a scan shows: panels for the page of failures, and the same as files."""
