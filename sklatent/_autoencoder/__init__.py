"""The convolutional autoencoder, put together from networks and images."""
