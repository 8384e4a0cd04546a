"""When each frame was taken, by what the microscope wrote beside it."""
