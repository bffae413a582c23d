"""The demo's company: from the written files in seed_data to half a year of its life."""
