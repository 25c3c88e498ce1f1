"""The GitHub Action: what happened -> who is judged -> verdict -> what is published. All that knows GitHub is here."""
