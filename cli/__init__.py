"""The command line `presence`: serve, migrate, set up and inspect. Only this package prints and exits."""
