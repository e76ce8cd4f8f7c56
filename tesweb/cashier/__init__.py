"""The cashier's room: registers of the banks, alarms, suspense and refunds; for operators."""
