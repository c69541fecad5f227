"""What every other room builds on: refusals, permission, finding and saving records, reading lists."""
