"""Networks over a whole labelled dataset: what there is, the scan, and what it wrote."""
