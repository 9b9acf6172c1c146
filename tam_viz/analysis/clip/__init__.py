"""One clip and one network: predictions, protocols, costs and attribution."""
