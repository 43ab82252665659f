"""All that knows torch: modules, losses, batches and training."""
