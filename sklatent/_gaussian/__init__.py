"""The normal distribution of latent points as an estimator, and what describes it."""
