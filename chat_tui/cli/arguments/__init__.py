"""The words of the command line: `parser` reads them, with a file for each larger command."""
