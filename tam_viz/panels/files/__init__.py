"""Panels as files: pictures, tables, reports and bundles."""
