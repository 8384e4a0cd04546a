"""Files of stimulus logs as tables: text, workbooks, MATLAB."""
