"""Where runs are kept: a folder, or a branch of a git repository; one tree of files in either."""
