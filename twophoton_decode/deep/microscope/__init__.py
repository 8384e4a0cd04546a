"""Looking at the microscope's pictures with networks."""
