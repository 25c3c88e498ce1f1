"""What a change stops supporting, whom that strands, and whether the policy allows it."""
