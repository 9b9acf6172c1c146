"""Parts of the pages that compare networks or open a scan."""
