"""What the deep stages hand on: features of pictures, and what they have in common with cells."""
