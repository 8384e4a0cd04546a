"""What the microscope sees of simulated cells."""
