"""What pages share: controls, charts, tables, wording."""
