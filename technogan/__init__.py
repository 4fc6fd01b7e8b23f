"""TechnoGAN: from a seed of 64 numbers to a seamless techno loop."""
