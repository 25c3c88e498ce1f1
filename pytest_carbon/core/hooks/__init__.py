"""What a local hook says: values in, warnings out."""
