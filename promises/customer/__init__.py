"""The customer's own page: my wait, the promise, the verdict, what I am owed and how I want it."""
