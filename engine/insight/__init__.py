"""What is to be expected of a training before it begins, and what goes wrong in it while it goes on."""
