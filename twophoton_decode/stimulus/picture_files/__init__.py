"""Files of pictures, read as they would be displayed: which lie in a folder, and their pixels."""
