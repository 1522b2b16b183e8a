"""The terminal interface, made with Textual. It goes through runner, live run and history, and never loads torch itself."""
