"""Files that extraction leaves in a plane's folder, and whether they can be taken up again."""
