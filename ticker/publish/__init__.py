"""Publish: the application's answers as files, to a folder or a bucket, where nothing of ours runs."""
