"""What stages made: written and entered in the ledger, their figures drawn."""
