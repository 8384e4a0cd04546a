"""Stimulus logs as people write them: text, workbooks, MATLAB files; columns, clocks, pictures."""
