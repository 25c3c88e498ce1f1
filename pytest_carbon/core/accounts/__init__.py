"""What a product manager is told of a feature, a team or the repository."""
