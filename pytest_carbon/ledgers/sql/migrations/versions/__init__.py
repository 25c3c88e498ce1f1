"""One change of the schema a file. A change that was released is never edited; another one follows it."""
