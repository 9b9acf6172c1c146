"""The commands of `tam-viz`: a file for each subject, put together in `app`."""
