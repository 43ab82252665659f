"""From images to latent points and back, through the steps of a pipeline."""
