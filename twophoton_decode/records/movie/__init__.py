"""What the microscope and the stimulus computer wrote down."""
