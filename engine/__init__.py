"""The science of the workbench: it knows no screen, no database and no command line."""
