"""What tests share that is neither a fixture nor a factory."""
