"""From responses straight to pictures: ridge, corrected by a network that has seen its errors."""
