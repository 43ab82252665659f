"""The search for the number of latent components."""
